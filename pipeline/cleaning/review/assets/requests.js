// Requests to the server, one after the other, in the order in which they were made.

let last = Promise.resolve();

/** The album, and what has been decided about it. */
export async function fetchAlbum() {
  return (await fetch("photos")).json();
}

/** The server's answer to a decision, which is sent once all earlier ones were answered. */
export function post(path, body) {
  const answer = last.then(() => postNow(path, body));
  last = answer.catch(() => {});
  return answer;
}

async function postNow(path, body) {
  let response;
  try {
    response = await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: body === undefined ? null : JSON.stringify(body),
    });
  } catch {
    throw new Error(
      "The server doesn't answer, so this was not recorded; all earlier decisions were. "
      + "Start pipeline clean again and open the address that it shows.",
    );
  }
  if (response.headers.get("content-type") !== "application/json") {
    throw new Error(`This was not recorded: the server failed (${response.status}).`);
  }
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}
