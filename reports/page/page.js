"use strict";

/** Make an element; text is set as text, never as markup. */
function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** Announce text to screen readers. */
function announce(text) {
  document.querySelector("[role=status]").textContent = text;
}

/* Colours */

function remembered(value) {
  try {
    if (value) localStorage.setItem("theme", value);
    return localStorage.getItem("theme");
  } catch {
    return value ?? null; // a page of a file may have no storage
  }
}

function setTheme(theme) {
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
}

function startTheme() {
  const button = document.querySelector("[data-action=theme]");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () =>
    (document.documentElement.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";
  const label = () => {
    button.textContent = isDark() ? "Light" : "Dark";
    button.setAttribute("aria-label", `Use ${button.textContent.toLowerCase()} colours`);
  };
  button.addEventListener("click", () => {
    const theme = isDark() ? "light" : "dark";
    setTheme(theme);
    remembered(theme);
    label();
  });
  system.addEventListener("change", label);
  label();
  button.hidden = false;
}

/* Commands */

function addCopyButtons(root) {
  for (const code of root.querySelectorAll("code.command")) {
    if (code.nextElementSibling?.className === "copy") continue;
    const button = make("button", { type: "button", className: "copy" }, "Copy");
    button.setAttribute("aria-label", "Copy the command");
    code.after(button);
    if (code.closest("td")) code.title = code.innerText;
  }
}

async function copy(button) {
  const code = button.previousElementSibling;
  try {
    await navigator.clipboard.writeText(code.innerText);
    button.textContent = "Copied";
    announce("Copied");
    setTimeout(() => (button.textContent = "Copy"), 2000);
  } catch {
    getSelection().selectAllChildren(code); // without a clipboard the reader copies it
    announce("The command is selected");
  }
}

/* Paper */

function startPrinting() {
  document.documentElement.classList.add("printing");
  for (const details of document.querySelectorAll("main details:not([open])")) {
    details.open = true;
    details.dataset.folded = ""; // it folds again after printing
  }
  const boxes = [...document.querySelectorAll(".table-box:not(.tall)")];
  const fits = boxes.map((box) => box.clientWidth / box.firstElementChild.scrollWidth);
  boxes.forEach((box, place) => {
    if (fits[place] < 1) box.firstElementChild.style.zoom = fits[place];
  });
}

function endPrinting() {
  document.documentElement.classList.remove("printing");
  for (const table of document.querySelectorAll(".table-box > table")) table.style.zoom = "";
  for (const details of document.querySelectorAll("details[data-folded]")) {
    details.open = false;
    delete details.dataset.folded;
  }
}

/* The start */

setTheme(remembered());
document.addEventListener("DOMContentLoaded", () => {
  startTheme();
  const contents = document.querySelector(".contents details");
  if (matchMedia("(max-width: 72rem)").matches) contents.open = false;
  for (const source of document.querySelectorAll("noscript")) new SortedTable(source);
  addEventListener("beforeprint", startPrinting);
  addEventListener("afterprint", endPrinting);
  addCopyButtons(document);
  document.addEventListener("click", (event) => {
    if (event.target.className === "copy") copy(event.target);
  });
  Hover.tooltip = document.querySelector(".tooltip");
  Hover.ring = document.querySelector(".ring");
  for (const plot of document.querySelectorAll(".plot")) new Hover(plot);
});
