// The cards of photos, and the pictures on them. Names are only ever text.

const AT_ONCE = 4; // a browser opens six connections: two stay free for decisions
const DONE = { keep: "kept", remove: "removed", move: "moved to" };

/** A new element with a class and text. */
export function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

/** What was decided about a photo, in words; empty where nothing was. */
export function statusText(status) {
  if (!status?.decision) return "";
  return status.decision === "move" ? `moved to ${status.label}` : DONE[status.decision];
}

/** What the model guesses for a photo; null where it agrees with the label or wasn't asked. */
export function guessText(photo) {
  if (!photo.guess || photo.guess.label === photo.label) return null;
  return `looks like ${photo.guess.label} ${percent(photo)} %`;
}

/** Everything about a photo as one sentence, for screen readers. */
export function spokenText(album, number, status) {
  const photo = album.photos[number];
  const parts = [photo.name, `in ${photo.label}`];
  if (statusText(status)) parts.push(statusText(status));
  if (photo.group !== null) parts.push(copyText(album, number));
  for (const finding of photo.findings) parts.push(album.kinds[finding.kind]);
  if (guessText(photo)) parts.push(guessText(photo));
  return parts.join(", ");
}

/** A card that isn't positioned yet; `pictures` loads its image when it has time. */
export function makeCard(album, number, pictures) {
  const photo = album.photos[number];
  const card = element("div", "card");
  card.id = `photo-${number}`;
  card.setAttribute("role", "option");
  const frame = element("div", "frame");
  const image = element("img");
  image.alt = "";
  image.decoding = "async";
  image.draggable = false;
  frame.append(image, element("span", "stamp"));
  const name = element("div", "name", photo.group === null ? photo.name : `${photo.label}/${photo.name}`);
  name.title = `${photo.label}/${photo.name}`;
  const notes = element("div", "notes");
  const isBest = photo.group !== null && album.groups[photo.group][0] === number;
  if (isBest) notes.append(element("span", "best", "best copy"));
  for (const finding of photo.findings.filter((one) => !isBest || !isCopy(one)).slice(0, 2)) {
    const note = element("span", "", album.kinds[finding.kind]);
    note.title = finding.reason;
    notes.append(note);
  }
  card.append(frame, name, notes, makeGuess(photo));
  pictures.want(number, image);
  return card;
}

/** Bring a card up to date with what was decided and chosen. */
export function dressCard(card, { status, isPending, isChosen, isActive, spoken }) {
  card.setAttribute("aria-selected", String(isChosen));
  card.setAttribute("aria-label", spoken);
  card.setAttribute("aria-busy", String(isPending));
  card.dataset.decision = status?.decision ?? "none";
  card.classList.toggle("active", isActive);
  card.querySelector(".stamp").textContent = isPending ? "…" : statusText(status);
}

/** Loads pictures a few at a time, the latest request first; those out of sight are forgotten. */
export class Pictures {
  #waiting = new Map();
  #seen = new Set();
  #loading = 0;
  #holds = 0;

  /** Start no more loads until `release` was called as often: a decision is being sent. */
  hold() {
    this.#holds += 1;
  }

  release() {
    this.#holds -= 1;
    this.#next();
  }

  want(number, image) {
    if (this.#seen.has(number)) image.src = `small/${number}`;
    else this.#waiting.set(number, image);
    this.#next();
  }

  forget(number) {
    this.#waiting.delete(number);
  }

  #next() {
    while (!this.#holds && this.#loading < AT_ONCE && this.#waiting.size) {
      const [number, image] = [...this.#waiting].at(-1);
      this.#waiting.delete(number);
      this.#loading += 1;
      const ended = () => {
        this.#loading -= 1;
        this.#seen.add(number);
        this.#next();
      };
      image.addEventListener("load", ended, { once: true });
      image.addEventListener("error", ended, { once: true });
      image.src = `small/${number}`;
    }
  }
}

/** The line of the guess: a long class is cut off, and how sure the model is never. */
function makeGuess(photo) {
  const line = element("div", "guess");
  const text = guessText(photo);
  if (text === null) return line;
  const at = text.length - `${percent(photo)} %`.length;
  line.append(element("span", "", text.slice(0, at).trim()), element("b", "", text.slice(at)));
  line.title = text;
  return line;
}

const percent = (photo) => Math.round(100 * photo.guess.probability);
const isCopy = (finding) => finding.kind.endsWith("_duplicate");

function copyText(album, number) {
  const group = album.groups[album.photos[number].group];
  const place = group.indexOf(number);
  return place ? `copy ${place + 1} of ${group.length}` : `best of ${group.length} copies`;
}
