/** What is told to those who listen to the page: one short sentence at a time. */

let sentence = $state('');

export function announced(): string {
  return sentence;
}

/** Say a sentence in the page's live region. */
export function announce(text: string): void {
  sentence = text;
}
