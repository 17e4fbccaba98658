// The answers of a class that takes turns at one browser: whose they are is a name of their own choice.

import { QUESTIONS } from './teach-words.mjs';

const KEY = 'tenshot-lesson';
const blank = () => ({ name: '', before: QUESTIONS.map(() => null), after: QUESTIONS.map(() => null) });

/** Answers as somebody may have left them in the store, or none: a list of what has the form of answers. */
function read(text) {
  let all;
  try {
    all = JSON.parse(text);
  } catch {
    return [];
  }
  const isChoice = (place, number) => place === null || (Number.isInteger(place) && place >= 0 && place < QUESTIONS[number].choices.length);
  const isList = (list) => Array.isArray(list) && list.length === QUESTIONS.length && list.every(isChoice);
  const isOne = (one) => typeof one?.name === 'string' && isList(one.before) && isList(one.after);
  return Array.isArray(all) ? all.filter(isOne).map(({ name, before, after }) => ({ name, before, after })) : [];
}

export class Answers {
  /** Of everybody who has kept some. */
  all = [];
  /** Of whoever answers now. */
  current = blank();
  /** Those are among the kept ones, as they are. */
  isSaved = false;

  constructor() {
    try {
      this.all = read(localStorage.getItem(KEY));
    } catch {
      // A browser that keeps nothing has kept nothing.
    }
    // Whoever has answered before, looked at the page and come back goes on.
    const last = this.all.at(-1);
    if (last?.after.includes(null)) {
      this.current = last;
      this.isSaved = true;
    }
  }

  choose(when, number, place) {
    this.current[when][number] = place;
    this.isSaved = false;
  }

  rename(name) {
    this.current.name = name;
    this.isSaved = false;
  }

  isWhole(when) {
    return this.current[when].every((place) => place !== null);
  }

  /** Keeps the current answers; says whether the browser does. */
  save() {
    if (!this.all.includes(this.current)) this.all.push(this.current);
    this.isSaved = true;
    return this.#write();
  }

  /** Somebody else answers. */
  next() {
    this.current = blank();
    this.isSaved = false;
  }

  clear() {
    this.all = [];
    this.next();
    this.#write();
  }

  #write() {
    try {
      localStorage.setItem(KEY, JSON.stringify(this.all));
      return true;
    } catch {
      return false;
    }
  }
}

/** The table: a row each, the answers in English, as they are the same in every class. */
export function table(all) {
  const cell = (text) => {
    // Programs for tables take what begins so for a formula.
    const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return `"${plain.replaceAll('"', '""')}"`;
  };
  const columns = ['before', 'after'].flatMap((when) => QUESTIONS.map((_, number) => `${when} ${number + 1}`));
  const answer = (place, number) => (place === null ? '' : QUESTIONS[number].choices[place].en);
  const rows = all.map(({ name, before, after }) => [name, ...before.map(answer), ...after.map(answer)]);
  return [['name', ...columns], ...rows].map((row) => row.map(cell).join(',')).join('\r\n') + '\r\n';
}
