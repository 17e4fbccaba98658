// A lesson: five questions before and after, what to do in between, and the answers as a table. Nothing leaves the browser.

import { QUESTIONS, TASKS, TEXTS } from './teach-words.mjs';
import { Answers, table } from './teach-answers.mjs';

const query = new URLSearchParams(location.search);
const stored = (key) => {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
};
let language = (query.get('lang') ?? stored('tenshot-language') ?? navigator.language).startsWith('zh') ? 'zh' : 'en';
const answers = new Answers();
/** What came of the last click, and beside which button it is said. */
let said = {};

const t = (of) => of[language];
const made = (name, props = {}, ...children) => {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(props)) {
    if (typeof value === 'function') node.addEventListener(key, value);
    else if (typeof value === 'boolean') node[key] = value;
    else node.setAttribute(key, value);
  }
  node.append(...children);
  return node;
};

/** The five questions, as they are answered before or after. */
function quiz(when) {
  const given = answers.current[when];
  const asked = QUESTIONS.map(({ asks, choices }, number) => {
    const choice = (words, place) => {
      const choose = () => answers.choose(when, number, place);
      const field = made('input', { type: 'radio', name: `${when}-${number}`, value: place, checked: given[number] === place, change: choose });
      return made('label', {}, field, t(words));
    };
    return made('fieldset', {}, made('legend', {}, `${number + 1}. ${t(asks)}`), made('div', { class: 'choices' }, ...choices.map(choice)));
  });
  const keep = () => {
    said = { when, what: !answers.isWhole(when) ? 'lacking' : answers.save() ? 'kept' : 'unkept' };
    draw(`${when}-save`);
  };
  return made(
    'section',
    { 'data-testid': when },
    made('h2', {}, t(when === 'before' ? TEXTS.quizBefore : TEXTS.quizAfter)),
    ...asked,
    made('p', { class: 'row' }, made('button', { type: 'button', id: `${when}-save`, click: keep }, t(TEXTS.save)), made('span', { role: 'status', 'data-testid': `${when}-said` })),
  );
}

function tasks() {
  const task = (of) => made('li', {}, made('a', { href: `./${of.to}&lang=${language}`, target: '_blank', rel: 'noopener' }, of.to), ` ${t(of)}`);
  return made('section', {}, made('h2', {}, t(TEXTS.tasks)), made('ol', {}, ...TASKS.map(task)), made('p', { class: 'note' }, t(TEXTS.caution)));
}

/** Both answers beside what the page shows. Before both are there, it would tell what is asked. */
function compared() {
  if (!answers.isWhole('before') || !answers.isWhole('after') || !answers.isSaved) return [];
  const heads = [TEXTS.question, TEXTS.before, TEXTS.after, TEXTS.folio].map((head) => made('th', { scope: 'col' }, t(head)));
  const rows = QUESTIONS.map(({ choices, shown, where }, number) => {
    const of = (place) => made('td', {}, t(choices[place]));
    const link = made('a', { href: `./?beat=${where}&lang=${language}`, target: '_blank', rel: 'noopener' }, t(choices[shown]));
    return made('tr', {}, made('th', { scope: 'row' }, String(number + 1)), of(answers.current.before[number]), of(answers.current.after[number]), made('td', {}, link));
  });
  const body = made('table', { 'data-testid': 'compared' }, made('thead', {}, made('tr', {}, ...heads)), made('tbody', {}, ...rows));
  return [made('section', {}, made('h2', {}, t(TEXTS.compared)), made('div', { class: 'scroll' }, body))];
}

function download() {
  const address = URL.createObjectURL(new Blob([table(answers.all)], { type: 'text/csv' }));
  made('a', { href: address, download: 'tenshot-lesson.csv' }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

function others() {
  const count = answers.all.length;
  const button = (id, words, click, disabled = false) => made('button', { type: 'button', id, click, disabled }, t(words));
  const next = () => {
    answers.next();
    said = {};
    draw('name');
  };
  const clear = () => {
    answers.clear();
    said = {};
    draw('name');
  };
  return made(
    'section',
    {},
    made('p', { class: 'note', 'data-testid': 'count' }, t(TEXTS.count).replace('{count}', count)),
    made('p', { class: 'row' }, button('next', TEXTS.next, next, !answers.isSaved), button('csv', TEXTS.csv, download, !count), button('clear', TEXTS.clear, clear, !count)),
  );
}

/** Draws everything anew, and puts the focus where it was to go. */
function draw(focused) {
  document.documentElement.lang = language === 'zh' ? 'zh-Hans' : 'en';
  document.title = t(TEXTS.title);
  const turn = () => {
    language = language === 'zh' ? 'en' : 'zh';
    draw('other');
  };
  const rename = ({ target }) => answers.rename(target.value);
  const name = made('input', { type: 'text', id: 'name', maxlength: '40', autocomplete: 'off', value: answers.current.name, input: rename });
  const page = [
    made('header', {}, made('h1', {}, t(TEXTS.title)), made('button', { type: 'button', id: 'other', lang: language === 'zh' ? 'en' : 'zh-Hans', click: turn }, t(TEXTS.other))),
    made('main', {}, made('p', { class: 'note' }, t(TEXTS.about)), made('p', { class: 'row' }, made('label', { for: 'name' }, t(TEXTS.name)), name), quiz('before'), tasks(), quiz('after'), ...compared(), others()),
  ];
  document.getElementById('lesson').replaceChildren(...page);
  // A region that is there before its words is read out; one that comes with them may not be.
  if (said.what) setTimeout(() => {
    document.querySelector(`[data-testid=${said.when}-said]`).textContent = t(TEXTS[said.what]);
  });
  if (focused) document.getElementById(focused)?.focus();
}

draw();
