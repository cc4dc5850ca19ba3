// The page over a library: filters, cards, one sample with its labels, download of a selection.
// What is shown follows from the part of the address after "#", so that a view can be kept.
"use strict";

const library = window.atomsegnetLibrary;
const find = (id) => document.getElementById(id);
const CHOICES = { material: "materials", zone: "zones", morphology: "morphology", element: "element" };
const RANGES = { pixel: "pixel_size_pm", dose: "dose_e_per_nm2" };
const PAGE = 120;
const selected = new Set();
let shown = [];
let limit = PAGE;

const samples = library.samples.map((values) => {
  const sample = Object.fromEntries(library.fields.map((field, i) => [field, values[i]]));
  // At an interface two materials meet; either of them is found.
  sample.materials = sample.material.split(" / ");
  sample.zones = sample.zone.split(" / ");
  sample.element = sample.elements.split(" ").filter(Boolean);
  sample.words = [sample.name, sample.material, sample.zone, sample.morphology, sample.elements]
    .join(" ").toLowerCase();
  return sample;
});
const byName = new Map(samples.map((sample) => [sample.name, sample]));

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function fillChoices() {
  for (const [key, field] of Object.entries(CHOICES)) {
    const values = new Set(samples.flatMap((sample) => sample[field]));
    values.delete("");
    const options = [...values].sort().map((value) => make("option", { value, textContent: value }));
    find(key).replaceChildren(make("option", { value: "", textContent: "all" }), ...options);
  }
  find("products").replaceChildren(...library.labels.map((label) => make("label", {},
    make("input", { type: "checkbox", checked: true, value: label.name }), " ", label.name)));
}

function matches(sample) {
  const words = find("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.every((word) => sample.words.includes(word))) {
    return false;
  }
  for (const [key, field] of Object.entries(CHOICES)) {
    const wanted = find(key).value;
    if (wanted && ![sample[field]].flat().includes(wanted)) {
      return false;
    }
  }
  return Object.entries(RANGES).every(([key, field]) => {
    const [from, to] = [find(`${key}_from`).value, find(`${key}_to`).value];
    const value = Number(sample[field]);
    return (from === "" || value >= Number(from)) && (to === "" || value <= Number(to));
  });
}

function preview(label, sample) {
  return `gallery/previews/${label}/${sample.name}.png`;
}

function titleOf(sample) {
  const materials = (sample.material || "no material").split(" / ");
  const zones = sample.zone.split(" / ").filter(Boolean);
  if (zones.length !== materials.length) {
    return [...materials, ...zones].join(" ");
  }
  return materials.map((material, index) => `${material} ${zones[index]}`).join(" / ");
}

function card(sample) {
  const box = make("input", { type: "checkbox", checked: selected.has(sample.name) });
  box.setAttribute("aria-label", `Select ${sample.name}`);
  box.addEventListener("change", () => select([sample], box.checked));
  const picture = make("img", { src: preview("image", sample), alt: "", loading: "lazy" });
  const facts = `${sample.morphology}, ${Number(sample.pixel_size_pm).toPrecision(3)} pm`;
  const text = make("span", { className: "text" }, make("b", { textContent: titleOf(sample) }),
    make("span", { textContent: facts }), make("span", { textContent: sample.name }));
  const open = make("button", { type: "button" }, picture, text);
  open.addEventListener("click", () => openSample(sample));
  const element = make("article", { className: "card" }, open, box);
  element.dataset.name = sample.name;
  element.classList.toggle("selected", box.checked);
  return element;
}

function show() {
  shown = samples.filter(matches);
  find("count").textContent = `${shown.length} of ${samples.length}`;
  find("cards").replaceChildren(...shown.slice(0, limit).map(card));
  find("more").hidden = shown.length <= limit;
  find("nothing").hidden = shown.length > 0;
  showSelection();
}

function select(these, isSelected) {
  for (const sample of these) {
    selected[isSelected ? "add" : "delete"](sample.name);
  }
  showSelection();
}

function showSelection() {
  for (const element of find("cards").children) {
    const isSelected = selected.has(element.dataset.name);
    element.classList.toggle("selected", isSelected);
    element.querySelector("input").checked = isSelected;
  }
  find("chosen").textContent = selected.size ? `${selected.size} selected` : "Nothing selected";
  find("download").disabled = !selected.size || !library.hasFiles;
  if (!library.hasFiles) {
    find("progress").textContent =
      "This library is too large to be packed in a browser; what it holds lies beside this page.";
  }
}

function openSample(sample) {
  find("sample_title").textContent = `${titleOf(sample)}, ${sample.morphology}`;
  find("facts").replaceChildren(...library.facts.filter((field) => sample[field] !== "").map(
    (field) => make("div", {}, make("dt", { textContent: field }),
      make("dd", { textContent: sample[field] }))));
  find("labels").replaceChildren(...library.labels.map((label) => {
    const caption = make("figcaption", {}, `${label.name} `);
    if (library.isInFolders) {
      const href = `${label.name}/${sample.name}${label.suffix}`;
      caption.append(make("a", { href, textContent: "file" }));
    }
    return make("figure", {}, make("img", { src: preview(label.name, sample), alt: label.name }), caption);
  }));
  find("sample").dataset.name = sample.name;
  if (!find("sample").open) {
    find("sample").showModal();
  }
  keepAddress();
}

function step(by) {
  const at = shown.findIndex((sample) => sample.name === find("sample").dataset.name);
  const other = shown[at + by];
  if (other) {
    openSample(other);
  }
}

function inputs() {
  return [...find("filters").querySelectorAll("input[id], select")];
}

function keepAddress() {
  const state = new URLSearchParams();
  for (const input of inputs()) {
    if (input.value) {
      state.set(input.id, input.value);
    }
  }
  if (find("sample").open) {
    state.set("sample", find("sample").dataset.name);
  }
  // replaceState is not allowed for every page that is opened from disk.
  try {
    history.replaceState(null, "", `#${state}`);
  } catch {
    return;
  }
}

function readAddress() {
  const state = new URLSearchParams(location.hash.slice(1));
  for (const input of inputs()) {
    input.value = state.get(input.id) ?? "";
  }
  show();
  const sample = byName.get(state.get("sample"));
  if (sample) {
    openSample(sample);
  } else if (find("sample").open) {
    find("sample").close();
  }
}

// Pages opened from disk may not read files, but they may run scripts: each file lies beside the
// page once more as a script that hands it over.
const awaited = new Map();
window.atomsegnetFile = (path, text) => {
  const binary = atob(text);
  awaited.get(path)(Uint8Array.from(binary, (letter) => letter.charCodeAt(0)));
};

function load(label, sample) {
  const path = `${label.name}/${sample.name}${label.suffix}`;
  return new Promise((resolve, reject) => {
    const script = make("script", { src: `gallery/files/${label.name}/${sample.name}.js` });
    const leave = () => { awaited.delete(path); script.remove(); };
    awaited.set(path, (bytes) => { leave(); resolve({ path, bytes }); });
    script.addEventListener("error", () => { leave(); reject(new Error(`${path} is missing.`)); });
    document.head.append(script);
  });
}

function indexOf(these) {
  const quoted = (value) => (/[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
  const lines = [library.fields, ...these.map((sample) => library.fields.map((f) => sample[f]))];
  return new TextEncoder().encode(lines.map((line) => `${line.map(quoted).join(",")}\r\n`).join(""));
}

async function download() {
  const boxes = [...find("products").querySelectorAll("input:checked")].map((box) => box.value);
  const labels = library.labels.filter((label) => boxes.includes(label.name));
  const these = samples.filter((sample) => selected.has(sample.name));
  const zip = new ZipWriter(new Date());
  zip.add("index.csv", indexOf(these));
  find("download").disabled = true;
  try {
    for (const [done, sample] of these.entries()) {
      find("progress").textContent = `Packing ${done + 1} of ${these.length}`;
      for (const label of labels) {
        const { path, bytes } = await load(label, sample);
        zip.add(path, bytes);
      }
    }
    const address = URL.createObjectURL(zip.finish());
    make("a", { href: address, download: "micrographs.zip" }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60000);
    find("progress").textContent = `${these.length} packed`;
  } catch (error) {
    find("progress").textContent = error.message;
  } finally {
    find("download").disabled = false;
  }
}

function change() {
  limit = PAGE;
  show();
  keepAddress();
}

function reset() {
  for (const input of inputs()) {
    input.value = "";
  }
  change();
}

function switchTheme() {
  const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
  const now = document.documentElement.dataset.theme ?? (isDark ? "dark" : "light");
  document.documentElement.dataset.theme = now === "dark" ? "light" : "dark";
}

fillChoices();
find("filters").addEventListener("input", (event) => { if (event.target.id) { change(); } });
find("filters").addEventListener("submit", (event) => event.preventDefault());
find("filters").addEventListener("reset", (event) => { event.preventDefault(); reset(); });
find("reset_again").addEventListener("click", reset);
find("more").addEventListener("click", () => { limit += PAGE; show(); });
find("select_all").addEventListener("click", () => select(shown, true));
find("select_none").addEventListener("click", () => select(samples, false));
find("download").addEventListener("click", download);
find("theme").addEventListener("click", switchTheme);
find("previous").addEventListener("click", () => step(-1));
find("next").addEventListener("click", () => step(1));
find("close").addEventListener("click", () => find("sample").close());
find("sample").addEventListener("close", keepAddress);
find("sample").addEventListener("keydown", (event) => {
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (by) {
    step(by);
  }
});
window.addEventListener("hashchange", readAddress);
readAddress();
