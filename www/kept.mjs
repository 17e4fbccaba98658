// Records that the visitor keeps in this browser, in an IndexedDB of this site. What they are is for the page to know: here they are texts.

const DATABASE = 'tenshot-kept';
const STORE = 'records';

const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

async function store(mode) {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: 'id', autoIncrement: true });
  const database = await done(request);
  // Another window, or a later build, may want the database to itself.
  database.onversionchange = () => database.close();
  const transaction = database.transaction(STORE, mode);
  const ended = new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error);
  });
  // Whoever only reads does not wait for the end; that it failed is told by the request, too.
  ended.catch(() => {});
  ended.finally(() => database.close()).catch(() => {});
  return { records: transaction.objectStore(STORE), ended };
}

/** What is said of each kept record, with its number: `[{"id": 3, "about": "…"}]`, the newest last. */
export async function list() {
  const { records } = await store('readonly');
  const found = [];
  const request = records.openCursor();
  await new Promise((resolve, reject) => {
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const cursor = request.result;
      if (!cursor) return resolve();
      const { id, about } = cursor.value;
      found.push({ id, about });
      cursor.continue();
    };
  });
  return JSON.stringify(found);
}

/** The record of this number; an empty text if it is not there any more. */
export async function get(id) {
  const { records } = await store('readonly');
  return (await done(records.get(id)))?.record ?? '';
}

/** Keeps a record, and asks the browser not to clear it away when space is short. Returns its number. */
export async function put(about, record) {
  await navigator.storage?.persist?.().catch(() => false);
  const { records, ended } = await store('readwrite');
  const id = await done(records.add({ about, record }));
  await ended;
  return id;
}

/** Forgets the record of this number. */
export async function drop(id) {
  const { records, ended } = await store('readwrite');
  await done(records.delete(id));
  await ended;
}
