// Which photos are shown, and where each one is placed. Pure: nothing here touches the page.

const GAP = 12;
const HEAD = 46;
const SUBHEAD = 32;
const CAPTION = 74;

/** The heading that a photo is under within its class: "copies", the kind of its finding, or "rest". */
export function blockOf(photo) {
  if (photo.group !== null) return "copies";
  return photo.findings.length ? photo.findings[0].kind : "rest";
}

/** The numbers of the photos that pass a filter, in the order of the page. */
export function filtered(album, statuses, filter) {
  const words = filter.name.trim().toLowerCase();
  const labels = album.groups.map((group) => new Set(group.map((n) => album.photos[n].label)));
  const passes = (photo, number) => {
    if (filter.label && photo.section !== filter.label && photo.label !== filter.label
        && !(photo.group !== null && labels[photo.group].has(filter.label))) return false;
    if (filter.kind === "any" && !photo.findings.length) return false;
    if (filter.kind && filter.kind !== "any"
        && !photo.findings.some((finding) => finding.kind === filter.kind)) return false;
    const decision = statuses.get(number)?.decision ?? "none";
    if (filter.decision && filter.decision !== decision) return false;
    return !words || `${photo.label}/${photo.name}`.toLowerCase().includes(words);
  };
  return album.photos.flatMap((photo, number) => (passes(photo, number) ? [number] : []));
}

/** Rows of heads and cards from top to bottom, for a width; `spots[i]` is the place of `shown[i]`. */
export function arranged(album, shown, width) {
  const least = width < 520 ? 132 : 176;
  const columns = Math.max(1, Math.floor((width - GAP) / (least + GAP)));
  const cardWidth = Math.floor((width - GAP) / columns) - GAP;
  const cardHeight = cardWidth + CAPTION;
  const rows = [];
  const spots = [];
  const counts = sectionCounts(album, shown);
  let y = GAP;
  let column = columns;
  const addHead = (row) => {
    rows.push({ y, cards: [], boxes: [], ...row });
    y += row.height;
    column = columns;
  };
  const nextRow = () => {
    rows.push({ y, height: cardHeight + GAP, cards: [], boxes: [] });
    y += cardHeight + GAP;
    column = 0;
  };
  const place = (index, number) => {
    if (column >= columns) nextRow();
    const spot = { row: rows.length - 1, x: GAP + column * (cardWidth + GAP), y: rows.at(-1).y };
    rows.at(-1).cards.push({ index, number });
    spots[index] = spot;
    column += 1;
    return spot;
  };
  const groupSize = (index) => {
    const group = album.photos[shown[index]].group;
    let size = 0;
    while (index + size < shown.length && album.photos[shown[index + size]].group === group) size += 1;
    return size;
  };
  let section = null;
  let block = null;
  for (let index = 0; index < shown.length;) {
    const photo = album.photos[shown[index]];
    if (photo.section !== section) {
      section = photo.section;
      block = null;
      addHead({ kind: "head", text: section, note: counts.get(section), height: HEAD });
    }
    if (blockOf(photo) !== block) {
      block = blockOf(photo);
      addHead({ kind: "subhead", text: blockText(album, block), height: SUBHEAD });
    }
    const size = photo.group === null ? 1 : groupSize(index);
    if (photo.group !== null && size <= columns && size > columns - column) column = columns;
    for (let end = index + size; index < end; index += 1) {
      const spot = place(index, shown[index]);
      if (photo.group !== null) widen(rows[spot.row].boxes, photo.group, spot.x, cardWidth);
    }
  }
  return { rows, spots, height: y + GAP, cardWidth, cardHeight };
}

/** The index of the card above or below another; the same where there is none. */
export function vertical(arrangement, index, step) {
  const from = arrangement.spots[index];
  for (let row = from.row + step; row >= 0 && row < arrangement.rows.length; row += step) {
    const cards = arrangement.rows[row].cards;
    if (cards.length) {
      const distance = (card) => Math.abs(arrangement.spots[card.index].x - from.x);
      return cards.reduce((best, card) => (distance(card) < distance(best) ? card : best)).index;
    }
  }
  return index;
}

/** The rows that are at least partly between two heights. */
export function rowsBetween(arrangement, top, bottom) {
  const { rows } = arrangement;
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle].y + rows[middle].height < top) low = middle + 1;
    else high = middle;
  }
  const found = [];
  for (; low < rows.length && rows[low].y <= bottom; low += 1) found.push(rows[low]);
  return found;
}

function widen(boxes, group, x, width) {
  const last = boxes.at(-1);
  if (last?.group === group) last.right = x + width;
  else boxes.push({ group, left: x, right: x + width });
}

function blockText(album, block) {
  if (block === "copies") return "Copies of one photo, the best copy first";
  if (block === "rest") return "Nothing found";
  const words = album.kinds[block];
  return words[0].toUpperCase() + words.slice(1);
}

function sectionCounts(album, shown) {
  const counts = new Map();
  for (const number of shown) {
    const { section, findings } = album.photos[number];
    const [all, found] = counts.get(section) ?? [0, 0];
    counts.set(section, [all + 1, found + (findings.length ? 1 : 0)]);
  }
  return new Map([...counts].map(([section, [all, found]]) => [
    section,
    `${all} ${all === 1 ? "photo" : "photos"}, ${found} with findings`,
  ]));
}
