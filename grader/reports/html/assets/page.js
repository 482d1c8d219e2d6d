"use strict";
(() => {
  const BATCH = 60;
  const language = document.documentElement.lang;
  const $ = (id) => document.getElementById(id);
  const tenths = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const whole = new Intl.NumberFormat(language);
  const percent = (thousandths) => `${tenths.format(thousandths / 10)}\u00a0%`;
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
      if (head.tagName !== "TH") return;
      const button = element("button", head.textContent);
      button.type = "button";
      button.addEventListener("click", () => sort(table, column));
      head.replaceChildren(button);
    });
  }

  /* Folded parts: a link opens its part, and everything is open on paper. */
  const openPart = (hash) => {
    const part = hash.length > 1 && $(hash.slice(1))?.closest("details");
    if (part) part.open = true;
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    if (link) openPart(link.hash);
  });
  openPart(location.hash);
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open], .gallery *)")];
    for (const part of folded) part.open = true;
  });
  addEventListener("afterprint", () => {
    for (const part of folded) part.open = false;
  });

  if (!$("photo-data")) return;
  const data = JSON.parse($("photo-data").textContent);
  const uriOf = (position) => data.large[position] ?? data.photos[position];
  for (const image of document.querySelectorAll("img[data-photo]")) {
    image.src = uriOf(image.dataset.photo);
  }

  /* An answer is a list of classes, each followed by its probability in thousandths. */
  const sharesOf = (said) => {
    const shares = new Map();
    for (let i = 0; said && i < said.length; i += 2) shares.set(said[i], said[i + 1]);
    return shares;
  };
  const signed = (prediction, target) => {
    const isRight = prediction === target;
    const sign = element("span", isRight ? "✓" : "✗", isRight ? "good" : "bad");
    sign.setAttribute("aria-hidden", "true");
    return sign;
  };

  /* Cards of a cell. Names only ever become text. */
  const answer = (place, said, target) => {
    if (!place || !said) return;
    place.replaceChildren(signed(said[0], target), " ", element("bdi", data.labels[said[0]]), ` ${percent(said[1])}`);
  };
  const card = (position) => {
    const [name, target, candidate, baseline] = data.images[position];
    const made = $("card-template").content.cloneNode(true);
    const photo = made.querySelector("img");
    const uri = data.photos[position];
    if (uri) {
      photo.src = uri;
      photo.alt = filled(data.words.photo, { label: data.labels[target] });
      photo.parentElement.dataset.open = position;
    } else {
      const reason = data.words.reasons[data.states[position] ?? "left_out"];
      photo.parentElement.replaceWith(element("p", reason, "no-photo"));
    }
    made.querySelector("[data-name]").replaceChildren(element("bdi", name));
    made.querySelector("[data-true]").replaceChildren(element("bdi", data.labels[target]));
    answer(made.querySelector('[data-answer="candidate"]'), candidate, target);
    answer(made.querySelector('[data-answer="baseline"]'), baseline, target);
    return made;
  };

  /* The viewer: one photo large, the arrow keys go through the photos it was opened from. */
  const viewer = $("viewer");
  let shown = [];
  let place = 0;
  const meter = (share) => {
    const cell = element("td", "");
    if (share === undefined) return cell;
    const bar = element("span", "", "meter");
    const filling = bar.appendChild(element("span", ""));
    filling.style.width = `${share / 10}%`;
    cell.append(element("span", percent(share), "share"), bar);
    return cell;
  };
  const barRow = (index, target, models) => {
    const row = document.createElement("tr");
    if (index === target) row.className = "true";
    const head = row.appendChild(element("th", ""));
    head.scope = "row";
    head.append(element("bdi", data.labels[index]));
    for (const shares of models) row.append(meter(shares.get(index)));
    return row;
  };
  const drawHeat = (figure, uri, map) => {
    figure.hidden = !map;
    if (!map) return;
    figure.querySelector("img").src = uri;
    const canvas = figure.querySelector("canvas");
    const [[left, top, right, bottom], rows, columns, text] = map;
    canvas.width = columns;
    canvas.height = rows;
    const pixels = new ImageData(columns, rows);
    [...atob(text)].forEach((char, i) => {
      const heat = char.charCodeAt(0) / 255;
      pixels.data.set([255, 200 - 170 * heat, 30, 175 * heat], 4 * i);
    });
    canvas.getContext("2d").putImageData(pixels, 0, 0);
    const side = { left: left, top: top, width: right - left, height: bottom - top };
    for (const [name, share] of Object.entries(side)) canvas.style[name] = `${100 * share}%`;
  };
  const view = (number) => {
    place = (number + shown.length) % shown.length;
    const position = shown[place];
    const [name, target, ...said] = data.images[position];
    const models = said.filter(Boolean).map(sharesOf);
    const uri = uriOf(position);
    $("viewer-photo").src = uri;
    $("viewer-photo").alt = filled(data.words.photo, { label: data.labels[target] });
    const answers = said.filter(Boolean).map((one) => one[0]);
    $("viewer-head").replaceChildren(element("bdi", data.labels[target]));
    if (answers[0] !== target) {
      $("viewer-head").append(" → ", element("bdi", data.labels[answers[0]], "bad"));
    }
    $("viewer-place").textContent = filled(data.words.place, { n: whole.format(place + 1), total: whole.format(shown.length) });
    $("viewer-name").replaceChildren(element("bdi", name));
    const classes = [...new Set(models.flatMap((shares) => [...shares.keys()]))];
    const most = (index) => Math.max(...models.map((shares) => shares.get(index) ?? 0));
    classes.sort((a, b) => most(b) - most(a));
    $("viewer-bars").replaceChildren(...classes.map((index) => barRow(index, target, models)));
    const heat = data.heat[position];
    for (const figure of viewer.querySelectorAll("figure:not(:first-child)")) {
      drawHeat(figure, uri, heat?.[figure.dataset.kind]);
    }
    $("viewer-before").hidden = $("viewer-after").hidden = shown.length < 2;
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-open]");
    if (!button) return;
    const list = [...button.closest("[data-gallery]").querySelectorAll("[data-open]")];
    shown = list.map((one) => Number(one.dataset.open));
    view(list.indexOf(button));
    viewer.showModal();
    $("viewer-head").focus();
  });
  const turns = { ArrowLeft: -1, ArrowRight: 1 };
  viewer.addEventListener("keydown", (event) => {
    if (!turns[event.key]) return;
    event.preventDefault();
    view(place + turns[event.key]);
  });
  viewer.addEventListener("click", (event) => {
    if (event.target === viewer) viewer.close();
  });
  $("viewer-close").addEventListener("click", () => viewer.close());
  $("viewer-before").addEventListener("click", () => view(place - 1));
  $("viewer-after").addEventListener("click", () => view(place + 1));

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

  /* Matrices: one stop of the tab key each, arrows from cell to cell. */
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
  for (const table of document.querySelectorAll(".matrix")) {
    const buttons = [...table.querySelectorAll("button")];
    if (!buttons.length) continue;
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
