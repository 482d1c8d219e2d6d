// The dialogs: an enlarged photo, and the choice of a class.

import { element, guessText, statusText } from "./cards.js";

const find = (id) => document.getElementById(id);

/** Show a photo enlarged, with everything that is known about it. */
export function showLarge(album, number, status) {
  const photo = album.photos[number];
  find("large-head").textContent = `${photo.label}/${photo.name}`;
  const image = find("large-picture");
  const address = `large/${number}`;
  if (image.getAttribute("src") !== address) image.src = address;
  image.alt = photo.name;
  const facts = [["Decision", statusText(status) || "none"]];
  if (photo.size) facts.push(["Size", `${photo.size[0]} x ${photo.size[1]} pixels`]);
  if (photo.guess) facts.push(["Model", guessText(photo) ?? "agrees with the label"]);
  if (photo.group !== null) {
    const copies = album.groups[photo.group].filter((copy) => copy !== number);
    const names = copies.map((copy) => `${album.photos[copy].label}/${album.photos[copy].name}`);
    facts.push(["Copies", names.join(", ")]);
  }
  for (const { kind, reason, score } of photo.findings) {
    facts.push([album.kinds[kind], `${reason} (${score.toFixed(2)})`]);
  }
  find("large-facts").replaceChildren(
    ...facts.flatMap(([term, text]) => [element("dt", "", term), element("dd", "", text)]),
  );
  if (!find("large-dialog").open) find("large-dialog").showModal();
}

/** Whether the enlarged photo is open. */
export const isLargeOpen = () => find("large-dialog").open;

/** Let the user choose a class; `choose` gets its number. */
export function askClass(album, first, choose) {
  const dialog = find("move-dialog");
  const search = find("class-name");
  const list = find("class-list");
  const buttons = album.labels.map((label, number) => {
    const button = element("button", "", label);
    button.type = "button";
    button.addEventListener("click", () => {
      dialog.close();
      choose(number);
    });
    return button;
  });
  const ordered = buttons.toSorted((one, other) => (other === buttons[first]) - (one === buttons[first]));
  const visible = () => ordered.filter((button) => !button.hidden);
  list.replaceChildren(...ordered);
  search.value = "";
  search.oninput = () => {
    const words = search.value.trim().toLowerCase();
    for (const button of ordered) button.hidden = !button.textContent.toLowerCase().includes(words);
  };
  dialog.onkeydown = (event) => {
    const at = visible().indexOf(document.activeElement);
    if (event.key === "Enter" && document.activeElement === search) {
      event.preventDefault();
      visible()[0]?.click();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const next = at + (event.key === "ArrowDown" ? 1 : -1);
      if (next < 0) search.focus();
      else visible()[Math.min(next, visible().length - 1)]?.focus();
    }
  };
  dialog.showModal();
  search.focus();
}
