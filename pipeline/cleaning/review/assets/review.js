// The review page: what is shown, what keys and buttons do, and what was decided.

import { dressCard, element, makeCard, Pictures, spokenText } from "./cards.js";
import { askClass, isLargeOpen, showLarge } from "./dialogs.js";
import { arranged, filtered, rowsBetween, vertical } from "./layout.js";
import { fetchAlbum, post } from "./requests.js";

const OVERSCAN = 300; // pixels above and below what can be seen
const TOAST_MS = 7000;
const find = (id) => document.getElementById(id);
const grid = find("grid");
const canvas = find("canvas");
const pictures = new Pictures();
const filter = { label: "", kind: "", decision: "", name: "" };

let album;
let found = []; // numbers of the photos with findings
let statuses = new Map(); // by number of the photo: { decision, label }
let pending = new Map(); // by number of the photo: decisions without an answer yet
let chosen = new Set();
let shown = [];
let active = 0; // index in `shown`
let arrangement;
let drawn = new Map(); // elements by key
let nEntries = 0;
let hushing; // the timer that takes the last message away
let anchor = 0; // where a range of chosen photos begins

// What is drawn.

function draw() {
  const needed = new Map();
  const top = grid.scrollTop;
  const rows = rowsBetween(arrangement, top - OVERSCAN, top + grid.clientHeight + OVERSCAN);
  for (const row of rows) {
    if (row.text !== undefined) needed.set(`head-${row.y}`, () => makeHead(row));
    for (const box of row.boxes) needed.set(`box-${row.y}-${box.group}`, () => makeBox(row, box));
    for (const { index, number } of row.cards) needed.set(`card-${number}`, () => placeCard(index));
  }
  if (shown.length) needed.set(`card-${shown[active]}`, () => placeCard(active)); // it has the focus
  for (const [key, old] of drawn) {
    if (!needed.has(key)) {
      if (old.dataset.number) pictures.forget(Number(old.dataset.number));
      old.remove();
      drawn.delete(key);
    }
  }
  for (const [key, make] of needed) {
    if (!drawn.has(key)) {
      drawn.set(key, make());
      canvas.append(drawn.get(key));
    }
  }
}

function makeHead(row) {
  const head = element("div", row.kind);
  head.append(element("span", "", row.text));
  if (row.note) head.append(element("small", "", row.note));
  head.style.transform = `translateY(${row.y}px)`;
  head.style.height = `${row.height}px`;
  return head;
}

function makeBox(row, box) {
  const made = element("div", "box");
  made.style.transform = `translate(${box.left - 4}px, ${row.y - 4}px)`;
  made.style.width = `${box.right - box.left + 8}px`;
  made.style.height = `${arrangement.cardHeight + 8}px`;
  return made;
}

function placeCard(index) {
  const number = shown[index];
  const card = makeCard(album, number, pictures);
  const spot = arrangement.spots[index];
  card.dataset.number = number;
  card.style.transform = `translate(${spot.x}px, ${spot.y}px)`;
  card.style.width = `${arrangement.cardWidth}px`;
  card.style.height = `${arrangement.cardHeight}px`;
  card.setAttribute("aria-posinset", index + 1);
  card.setAttribute("aria-setsize", shown.length);
  dress(number, card);
  return card;
}

function dress(number, card = drawn.get(`card-${number}`)) {
  if (!card) return;
  const status = statuses.get(number);
  dressCard(card, {
    status,
    isPending: pending.has(number),
    isChosen: chosen.has(number),
    isActive: shown[active] === number,
    spoken: spokenText(album, number, status),
  });
}

function arrange() {
  arrangement = arranged(album, shown, grid.clientWidth);
  canvas.style.height = `${arrangement.height}px`;
  for (const card of drawn.values()) card.remove();
  drawn = new Map();
  draw();
}

function refilter() {
  const before = shown[active];
  shown = filtered(album, statuses, filter);
  chosen = new Set();
  active = Math.max(0, shown.indexOf(before));
  anchor = active;
  find("nothing").hidden = shown.length > 0;
  find("nothing").textContent = album.photos.length
    ? "No photo matches the filter." : "There are no photos here.";
  grid.scrollTop = 0;
  arrange();
  activate(active);
  tell();
}

function tell() {
  const decided = found.filter((number) => statuses.get(number)?.decision).length;
  const all = [...statuses.values()];
  const removed = all.filter((status) => status.decision === "remove").length;
  const moved = all.filter((status) => status.decision === "move").length;
  find("progress").max = Math.max(1, found.length);
  find("progress").value = found.length ? decided : 1;
  find("tally").textContent = `${decided} of ${found.length} findings decided · `
    + `${removed} removed · ${moved} moved · ${shown.length} of ${album.photos.length} shown`;
  find("chosen").textContent = chosen.size ? `${chosen.size} selected` : "";
}

function activate(index) {
  if (!shown.length) {
    grid.removeAttribute("aria-activedescendant");
    return;
  }
  const before = shown[active];
  active = Math.min(Math.max(index, 0), shown.length - 1);
  const { y } = arrangement.spots[active];
  const bottom = y + arrangement.cardHeight + 12;
  const above = arrangement.spots[active].row < 3 ? y : 12; // the first cards with their heads
  if (y - above < grid.scrollTop) grid.scrollTop = y - above;
  else if (bottom > grid.scrollTop + grid.clientHeight) grid.scrollTop = bottom - grid.clientHeight;
  draw();
  dress(before);
  dress(shown[active]);
  grid.setAttribute("aria-activedescendant", `photo-${shown[active]}`);
  if (isLargeOpen()) showLarge(album, shown[active], statuses.get(shown[active]));
}

// What is decided.

function targets() {
  if (chosen.size) return [...chosen].toSorted((one, other) => one - other);
  return shown.length ? [shown[active]] : [];
}

function decide(wishes, text, since) {
  if (!wishes.length) return;
  const numbers = wishes.map((wish) => wish.photo);
  mark(numbers, 1);
  const isBulk = chosen.size > 0;
  chosen = new Set();
  request("decide", { wishes }, numbers, text, since);
  if (isBulk) redraw();
  else activate(nextIndex(Math.max(...numbers.map((number) => shown.indexOf(number)))));
}

function mark(numbers, change) {
  for (const number of numbers) {
    const count = (pending.get(number) ?? 0) + change;
    if (count > 0) pending.set(number, count);
    else pending.delete(number);
    dress(number);
  }
}

function nextIndex(from) {
  for (let index = from + 1; index < shown.length; index += 1) {
    const number = shown[index];
    if (!statuses.get(number)?.decision && !pending.has(number)) return index;
  }
  return from;
}

async function request(path, body, numbers, text, since) {
  pictures.hold();
  try {
    const outcome = await post(path, body);
    mark(numbers, -1);
    if (outcome.n_entries > nEntries + 1) await reload(); // another page has decided, too
    else take(outcome);
    find("alarm").hidden = true;
    say(outcome.statuses.length ? text : "Nothing left to undo or redo", Boolean(body));
    if (!body) show(outcome.statuses.map((status) => status.photo));
  } catch (error) {
    mark(numbers, -1);
    hush();
    find("alarm").textContent = error.message;
    find("alarm").hidden = false;
    await reload().catch(() => {});
  }
  afterPaint(() => {
    pictures.release();
    performance.measure("decision", { start: since });
  });
}

function take(outcome) {
  for (const { photo, decision, label } of outcome.statuses) {
    if (decision) statuses.set(photo, { decision, label });
    else statuses.delete(photo);
    dress(photo);
  }
  nEntries = outcome.n_entries;
  buttons("undo").forEach((button) => { button.disabled = !outcome.can_undo; });
  buttons("redo").forEach((button) => { button.disabled = !outcome.can_redo; });
  tell();
  if (isLargeOpen()) showLarge(album, shown[active], statuses.get(shown[active]));
}

async function reload() {
  const { outcome } = await fetchAlbum();
  statuses = new Map();
  take(outcome);
  redraw();
}

function show(numbers) {
  const index = shown.findIndex((number) => numbers.includes(number));
  if (index >= 0) activate(index);
}

function redraw() {
  for (const [key, card] of drawn) if (key.startsWith("card-")) dress(Number(card.dataset.number));
  tell();
}

/** A message at the foot of the photos, with a way back where there is one. */
function say(text, canUndo = false) {
  find("said").textContent = text;
  find("toast-undo").hidden = !canUndo;
  find("toast").classList.add("shown");
  clearTimeout(hushing);
  hushing = setTimeout(hush, TOAST_MS);
}

function hush() {
  if (find("toast").matches(":hover, :focus-within")) {
    hushing = setTimeout(hush, TOAST_MS);
    return;
  }
  find("toast").classList.remove("shown");
  find("toast-undo").hidden = true;
}

function afterPaint(action) {
  requestAnimationFrame(() => setTimeout(action));
}

const buttons = (action) => [...document.querySelectorAll(`[data-action="${action}"]`)];

// What keys and buttons do.

const what = (numbers) => (numbers.length === 1 ? album.photos[numbers[0]].name : `${numbers.length} photos`);

function decideAll(decision, verb, since) {
  const numbers = targets();
  decide(numbers.map((photo) => ({ photo, decision })), `${verb} ${what(numbers)}`, since);
}

function move() {
  const numbers = targets();
  if (!numbers.length) return;
  const guess = album.labels.indexOf(album.photos[numbers[0]].guess?.label);
  askClass(album, guess, (label) => moveTo(numbers, label, performance.now()));
}

function moveTo(numbers, label, since) {
  const wishes = numbers.map((photo) => ({ photo, decision: "move", label }));
  decide(wishes, `Moved ${what(numbers)} to ${album.labels[label]}`, since);
}

function moveToGuess(since) {
  const wishes = targets().flatMap((photo) => {
    const guess = album.photos[photo].guess?.label;
    const label = album.labels.indexOf(guess);
    const isThere = guess === (statuses.get(photo)?.label ?? album.photos[photo].label);
    return label < 0 || isThere ? [] : [{ photo, decision: "move", label }];
  });
  if (!wishes.length) say("The model doesn't guess another class");
  decide(wishes, `Moved ${what(wishes.map((wish) => wish.photo))} to the model's guess`, since);
}

function keepBest(since) {
  const group = shown.length ? album.photos[shown[active]].group : null;
  if (group === null) {
    say("This photo has no copies");
    return;
  }
  const [best, ...others] = album.groups[group];
  const wishes = [{ photo: best, decision: "keep" }];
  wishes.push(...others.map((photo) => ({ photo, decision: "remove" })));
  chosen = new Set();
  const copies = others.length === 1 ? "1 copy" : `${others.length} copies`;
  decide(wishes, `Kept ${album.photos[best].name}, removed ${copies}`, since);
}

function next() {
  for (let step = 1; step <= shown.length; step += 1) {
    const index = (active + step) % shown.length;
    const number = shown[index];
    if (album.photos[number].findings.length && !statuses.get(number)?.decision) {
      activate(index);
      return;
    }
  }
  say("Every finding shown has a decision");
}

function choose(index, isChosen) {
  const number = shown[index];
  if (number === undefined) return;
  if (isChosen) chosen.add(number);
  else chosen.delete(number);
  dress(number);
}

function chooseRange(to) {
  chosen = new Set(shown.slice(Math.min(anchor, to), Math.max(anchor, to) + 1));
  activate(to);
  redraw();
}

function toggle() {
  anchor = active;
  choose(active, !chosen.has(shown[active]));
  tell();
}

function chooseAll(isChosen) {
  chosen = new Set(isChosen ? shown : []);
  redraw();
}

function large() {
  if (shown.length) showLarge(album, shown[active], statuses.get(shown[active]));
}

const ACTIONS = {
  keep: (since) => decideAll("keep", "Kept", since),
  remove: (since) => decideAll("remove", "Removed", since),
  move,
  guess: moveToGuess,
  best: keepBest,
  next,
  choose: toggle,
  all: () => chooseAll(true),
  none: () => chooseAll(false),
  undo: (since) => request("undo", undefined, [], "Undone", since),
  redo: (since) => request("redo", undefined, [], "Redone", since),
  large,
  keys: () => find("keys-dialog").showModal(),
  find: () => find("name-filter").focus(),
};
const KEYS = {
  k: "keep", r: "remove", delete: "remove", m: "move", g: "guess", b: "best", n: "next",
  " ": "choose", a: "all", escape: "none", u: "undo", enter: "large", "?": "keys", f: "find", "/": "find",
};
const STEPS = {
  ArrowLeft: () => active - 1,
  ArrowRight: () => active + 1,
  ArrowUp: () => vertical(arrangement, active, -1),
  ArrowDown: () => vertical(arrangement, active, 1),
  Home: () => 0,
  End: () => shown.length - 1,
  PageUp: () => page(-1),
  PageDown: () => page(1),
};

function page(step) {
  let index = active;
  for (let left = grid.clientHeight; left > 0; left -= arrangement.cardHeight) {
    index = vertical(arrangement, index, step);
  }
  return index;
}

function actionOf(event) {
  const key = event.key.toLowerCase();
  if (event.ctrlKey || event.metaKey) {
    return { z: event.shiftKey ? "redo" : "undo", y: "redo", a: "all" }[key];
  }
  if (event.altKey) return undefined;
  return key === "u" && event.shiftKey ? "redo" : KEYS[key];
}

/** Whether a control needs a key itself: text its letters, a list its arrows, a button its click. */
function belongsTo(target, { key }) {
  if (target.closest("dialog:not(#large-dialog), input")) return true;
  if (target.closest("select")) return key.length > 1 || key === " ";
  return Boolean(target.closest("button")) && (key === "Enter" || key === " ");
}

function pressed(event) {
  if (document.activeElement === document.body) grid.focus();
  if (STEPS[event.key] && !belongsTo(event.target, event) && shown.length && !event.ctrlKey && !event.altKey && !event.metaKey) {
    const to = Math.min(Math.max(STEPS[event.key](), 0), shown.length - 1);
    if (event.shiftKey) chooseRange(to);
    else {
      activate(to);
      anchor = active;
    }
    event.preventDefault();
    return;
  }
  const action = actionOf(event);
  if (!action || belongsTo(event.target, event) || (isLargeOpen() && ["none", "large", "choose", "all", "move", "find", "keys"].includes(action))) return;
  event.preventDefault();
  ACTIONS[action](event.timeStamp);
}

function clicked(event) {
  const card = event.target.closest(".card");
  if (!card) return;
  const index = shown.indexOf(Number(card.dataset.number));
  if (event.shiftKey) {
    chooseRange(index);
    return;
  }
  activate(index);
  anchor = index;
  if (event.ctrlKey || event.metaKey) choose(index, !chosen.has(shown[index]));
  tell();
}

function option(select, value, text) {
  const made = element("option", "", text);
  made.value = value;
  select.append(made);
}

function fillFilters() {
  for (const label of album.labels) option(find("class-filter"), label, label);
  option(find("kind-filter"), "any", "With findings");
  const kinds = new Set(album.photos.flatMap((photo) => photo.findings.map((one) => one.kind)));
  for (const [kind, words] of Object.entries(album.kinds)) {
    if (kinds.has(kind)) option(find("kind-filter"), kind, words);
  }
  const decisions = { none: "Undecided", keep: "Kept", remove: "Removed", move: "Moved" };
  for (const [value, text] of Object.entries(decisions)) option(find("status-filter"), value, text);
  const filters = { label: "class", kind: "kind", decision: "status", name: "name" };
  for (const [part, id] of Object.entries(filters)) {
    const control = find(`${id}-filter`);
    control.addEventListener(control.type === "search" ? "input" : "change", (event) => {
      filter[part] = event.target.value;
      refilter();
      if (control.type !== "search") grid.focus(); // so that the next key is about a photo
    });
  }
  for (const sentence of album.skipped) find("skipped").append(element("p", "", sentence));
}

function listen() {
  document.addEventListener("keydown", pressed);
  grid.addEventListener("click", clicked);
  grid.addEventListener("dblclick", large);
  grid.addEventListener("scroll", () => requestAnimationFrame(draw), { passive: true });
  new ResizeObserver(() => {
    arrange();
    activate(active);
  }).observe(grid);
  for (const button of document.querySelectorAll("[data-action]")) {
    button.addEventListener("click", (event) => {
      ACTIONS[button.dataset.action](event.timeStamp);
      if (!document.querySelector("dialog[open]")) grid.focus();
    });
  }
  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.addEventListener("close", () => grid.focus());
  }
  find("name-filter").addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === "Escape") grid.focus();
  });
}

async function begin() {
  const loaded = await fetchAlbum();
  album = loaded;
  found = album.photos.flatMap((photo, number) => (photo.findings.length ? [number] : []));
  take(loaded.outcome);
  fillFilters();
  refilter();
  listen();
  grid.focus();
  performance.mark("grid");
}

begin();
