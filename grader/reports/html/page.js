"use strict";
(() => {
  const BATCH = 60;
  const language = document.documentElement.lang;
  const $ = (id) => document.getElementById(id);
  const tenths = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const whole = new Intl.NumberFormat(language);
  const percent = (thousandths) => `${tenths.format(thousandths / 10)} %`;
  const filled = (message, fields) => message.replace(/\{(\w+)\}/g, (_, key) => fields[key]);

  const element = (tag, text, className) => {
    const made = document.createElement(tag);
    made.textContent = text;
    if (className) made.className = className;
    return made;
  };

  /* Tables: a head becomes a button that sorts; undefined values stay last. */
  const valueOf = (row, column) => row.cells[column].dataset.value ?? row.cells[column].textContent.trim();
  const sort = (table, column) => {
    const head = table.tHead.rows[0].cells[column];
    const isAscending = head.getAttribute("aria-sort") !== "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", isAscending ? "ascending" : "descending");
    const compare = (a, b) => {
      if (a === "" || b === "") return (a === "") - (b === "");
      const order = isNaN(a) || isNaN(b) ? a.localeCompare(b, language) : a - b;
      return isAscending ? order : -order;
    };
    const rows = [...table.tBodies[0].rows];
    rows.sort((a, b) => compare(valueOf(a, column), valueOf(b, column)));
    table.tBodies[0].append(...rows);
  };
  for (const table of document.querySelectorAll("table.sortable")) {
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = element("button", head.textContent);
      button.type = "button";
      button.addEventListener("click", () => sort(table, column));
      head.replaceChildren(button);
    });
  }

  if (!$("photo-data")) return;
  const data = JSON.parse($("photo-data").textContent);
  for (const image of document.querySelectorAll("img[data-photo]")) {
    image.src = data.photos[image.dataset.photo];
  }

  /* Cards of a cell. Names only ever become text. */
  const answer = (place, said, target) => {
    if (!place || !said) return;
    const [prediction, probability, ofTarget] = said;
    const isRight = prediction === target;
    const sign = element("span", isRight ? "✓" : "✗", isRight ? "good" : "bad");
    sign.setAttribute("aria-hidden", "true");
    place.replaceChildren(sign, " ", element("bdi", data.labels[prediction]), ` ${percent(probability)}`);
    if (!isRight) place.append(element("span", filled(data.words.true_class, { share: percent(ofTarget) }), "soft"));
  };
  const card = (position) => {
    const [name, target, candidate, baseline] = data.images[position];
    const made = $("card-template").content.cloneNode(true);
    const photo = made.querySelector("img");
    const uri = data.photos[position];
    if (uri) {
      photo.src = uri;
      photo.alt = filled(data.words.photo, { label: data.labels[target] });
    } else {
      photo.replaceWith(element("p", data.words.reasons[data.states[position] ?? "left_out"], "no-photo"));
    }
    made.querySelector("[data-name]").replaceChildren(element("bdi", name));
    made.querySelector("[data-true]").replaceChildren(element("bdi", data.labels[target]));
    answer(made.querySelector('[data-answer="candidate"]'), candidate, target);
    answer(made.querySelector('[data-answer="baseline"]'), baseline, target);
    return made;
  };

  let opened = null;
  let positions = [];
  const showMore = () => {
    const n = $("photos-cards").childElementCount;
    $("photos-cards").append(...positions.slice(n, n + BATCH).map(card));
    const nShown = Math.min(n + BATCH, positions.length);
    const isAll = nShown === positions.length;
    $("photos-more").hidden = isAll;
    $("photos-note").hidden = isAll;
    $("photos-note").textContent = filled(data.words.first, {
      n: whole.format(nShown),
      total: whole.format(positions.length),
    });
    return n;
  };
  const show = (button) => {
    const [target, prediction] = button.dataset.cell.split(",").map(Number);
    const table = button.closest("table");
    const model = table.dataset.model === "candidate" ? 2 : 3;
    const all = data.images.flatMap((image, position) =>
      image[1] === target && image[model]?.[0] === prediction ? [position] : []);
    positions = [...all.filter((one) => data.photos[one]), ...all.filter((one) => !data.photos[one])];
    opened?.removeAttribute("aria-pressed");
    opened = button;
    button.setAttribute("aria-pressed", "true");
    $("photos-head").textContent = `${table.dataset.title}: ${button.getAttribute("aria-label")}`;
    $("photos-cards").replaceChildren();
    $("photos").hidden = false;
    showMore();
    $("photos-head").focus({ preventScroll: true });
    $("photos").scrollIntoView({ block: "nearest" });
  };
  $("photos-more").addEventListener("click", () => {
    const first = showMore();
    const next = $("photos-cards").children[first];
    next.tabIndex = -1;
    next.focus();
  });
  $("photos-close").addEventListener("click", () => {
    $("photos").hidden = true;
    opened.removeAttribute("aria-pressed");
    opened.focus();
  });

  /* Heat maps: one stop of the tab key each, arrows from cell to cell. */
  const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  const neighbour = (cell, [down, across]) => {
    const rows = cell.closest("tbody").rows;
    let row = cell.parentElement.sectionRowIndex + down;
    let column = cell.cellIndex + across;
    while (rows[row]?.cells[column]) {
      const button = rows[row].cells[column].querySelector("button");
      if (button) return button;
      row += down;
      column += across;
    }
    return null;
  };
  for (const table of document.querySelectorAll(".heat")) {
    const buttons = [...table.querySelectorAll("button")];
    for (const button of buttons.slice(1)) button.tabIndex = -1;
    let stop = buttons[0];
    const move = (button) => {
      stop.tabIndex = -1;
      button.tabIndex = 0;
      stop = button;
    };
    table.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      move(button);
      show(button);
    });
    table.addEventListener("keydown", (event) => {
      const button = event.target.closest("button");
      const next = button && steps[event.key] && neighbour(button.parentElement, steps[event.key]);
      if (!next) return;
      event.preventDefault();
      move(next);
      next.focus();
    });
  }
})();
