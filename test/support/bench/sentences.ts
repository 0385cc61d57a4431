/** Text that is like text: words of a limited vocabulary, the frequent ones far more often, and the same on every run. */

const VOCABULARY = 20_000;
const SYLLABLES = [
  'ba',
  'co',
  'di',
  'fe',
  'gu',
  'ha',
  'jo',
  'ki',
  'le',
  'mu',
  'na',
  'po',
  'ri',
  'sa',
  'to',
  'vu',
  'we',
  'ze',
];

/** Answers so many words at each call. */
export function createSentences(seed = 1): (words: number) => string {
  let state = seed;
  // Numerical Recipes' linear congruential generator: good enough to choose words.
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 0x1_0000_0000;
  };
  const vocabulary = Array.from({ length: VOCABULARY }, (_, index) => makeWord(index));
  return (words) => {
    const chosen: string[] = [];
    // The cube makes a few words common and most of them rare.
    for (let count = 0; count < words; count += 1)
      chosen.push(vocabulary[Math.floor(random() ** 3 * VOCABULARY)] as string);
    return chosen.join(' ');
  };
}

/** The number in a base of syllables, at least two of them. */
function makeWord(index: number): string {
  let word = '';
  for (let rest = index + SYLLABLES.length; rest > 0; rest = Math.floor(rest / SYLLABLES.length)) {
    word = `${SYLLABLES[rest % SYLLABLES.length]}${word}`;
  }
  return word;
}
