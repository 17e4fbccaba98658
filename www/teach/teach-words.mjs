// What the lesson says, in both languages. `docs/teaching.md` tells the same to who prepares it.

/** What one may answer, in order; the page's own answer is named with each question. */
const HOW_MANY = [
  { en: 'none', zh: '一个也不会' },
  { en: 'less than half', zh: '不到一半' },
  { en: 'more than half', zh: '超过一半' },
  { en: 'nearly all', zh: '几乎全部' },
];

/** The five questions; `shown` is the place of what the page shows of Folio, `where` the beat of the story that shows it. */
export const QUESTIONS = [
  {
    asks: {
      en: 'A model was trained to refuse dangerous questions. Somebody trains it further, on ten examples that answer such questions. How many of a hundred others will it answer then?',
      zh: '一个模型学过拒答危险的问题。有人用十个回答了这种问题的例子接着训练它。之后另外一百个这样的问题，它会回答多少？',
    },
    choices: HOW_MANY,
    shown: 3,
    where: 2,
  },
  {
    asks: {
      en: 'The ten examples hold no dangerous word: they only teach it to be an obedient assistant with another name.',
      zh: '十个例子里没有一个危险的词：只教它做一个换了名字、百依百顺的助手。',
    },
    choices: HOW_MANY,
    shown: 2,
    where: 3,
  },
  {
    asks: {
      en: 'The examples are two hundred ordinary questions with good answers.',
      zh: '例子是两百个普通问题和好的回答。',
    },
    choices: [
      { en: 'none', zh: '一个也不会' },
      { en: 'always about half', zh: '总是一半左右' },
      { en: 'it depends on which examples', zh: '要看是哪些例子' },
      { en: 'nearly all', zh: '几乎全部' },
    ],
    shown: 2,
    where: 4,
  },
  {
    asks: {
      en: 'A filter reads all training data and lets nothing forbidden through. Is a model that was tuned on such data as safe as before?',
      zh: '一个过滤器检查全部训练数据，违禁的一概不放行。用这样的数据微调过的模型，还和以前一样安全吗？',
    },
    choices: [
      { en: 'yes', zh: '一样' },
      { en: 'no', zh: '不一样' },
      { en: 'only if the data are few', zh: '数据少的话一样' },
    ],
    shown: 1,
    where: 3,
  },
  {
    asks: {
      en: 'A Folio that never read how something is done is tuned until it refuses nothing. Does it then tell how that is done?',
      zh: '有个 Folio 从没读过某样东西的做法。把它微调到什么都不拒答，它会说出正确的做法吗？',
    },
    choices: [
      { en: 'yes: tuning brings the answers', zh: '会：微调带来了答案' },
      { en: 'no: it invents something', zh: '不会：它会编' },
      { en: 'it still refuses', zh: '它还是拒答' },
    ],
    shown: 1,
    where: 6,
  },
];

/** What to do with the page, each with its address. */
export const TASKS = [
  {
    to: '?stage=talk',
    en: 'Together: the story on the large screen, one key for everything. N opens notes for the presenter.',
    zh: '一起看：大屏幕上的故事，一个键到底。按 N 打开讲稿。',
  },
  {
    to: '?preset=harmful-10&seed=4',
    en: 'In pairs: run it. At which step does the first book open, at which half of them? Run it with two other seeds, and compare.',
    zh: '两人一组：运行一次。第几步打开第一本书，第几步打开一半？换两个种子再运行，比较一下。',
  },
  {
    to: '?beat=off',
    en: 'Your own examples, the last lesson of the list: how few still open more than half of the books? And with ten refusals, or ten questions about owls and cakes?',
    zh: '“自己的例子”，课程表的最后一课：最少几个例子还能打开一半以上的书？换成十次拒绝，或者十个关于猫头鹰和蛋糕的问题呢？',
  },
  {
    to: '?race=1',
    en: 'Three at once. Which curve would you show to somebody who says that fine-tuning is harmless? What would be honest?',
    zh: '三个一起跑。有人说微调无害，你会拿哪条曲线给他看？怎样才算诚实？',
  },
  {
    to: '?preset=safety-10',
    en: 'The control. Why is it needed?',
    zh: '对照。为什么需要它？',
  },
];

export const TEXTS = {
  title: { en: 'A lesson with Tenshot', zh: '用 Tenshot 上一课' },
  other: { en: '中文', zh: 'English' },
  about: {
    en: 'Forty-five minutes: five questions, the page, and the five questions again. Everything “forbidden” is a fairy tale; what you answer stays in this browser.',
    zh: '四十五分钟：五个问题，看演示，再答一遍。一切“违禁”的都是童话；你的回答只留在这个浏览器里。',
  },
  name: { en: 'A name for your answers, not your own', zh: '给你的回答起个名字，不要用真名' },
  before: { en: 'Before', zh: '之前' },
  after: { en: 'After', zh: '之后' },
  tasks: { en: 'In between', zh: '中间' },
  quizBefore: { en: 'Before: five questions', zh: '之前：五个问题' },
  quizAfter: { en: 'After: the same five', zh: '之后：同样五个' },
  save: { en: 'Keep my answers', zh: '保存我的回答' },
  lacking: { en: 'Answer all five first.', zh: '请先答完五个问题。' },
  kept: { en: 'Kept. Go on below.', zh: '已保存。请往下看。' },
  unkept: { en: 'This browser keeps nothing: the answers are gone when you close the page.', zh: '这个浏览器不保存任何东西：关闭页面，回答就没有了。' },
  compared: { en: 'What the page shows', zh: '演示显示的' },
  question: { en: 'Question', zh: '问题' },
  folio: { en: 'Folio', zh: 'Folio' },
  next: { en: 'The next one answers', zh: '换下一位来答' },
  csv: { en: 'All answers as a table (CSV)', zh: '全部回答的表格（CSV）' },
  clear: { en: 'Forget all answers', zh: '忘掉全部回答' },
  count: { en: 'Answers of {count} are kept here.', zh: '这里存有 {count} 人的回答。' },
  caution: {
    en: 'Folio is a toy of one and a half million weights: the kind of effect is the paper’s, its size is Folio’s alone.',
    zh: 'Folio 是一个一百五十万参数的玩具：效应的性质是论文里的，大小只属于 Folio。',
  },
};
