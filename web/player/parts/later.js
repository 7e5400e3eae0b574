// What a page asks for after it is shown: a signal that is null until the answer is there, and stays so when there is none.
import { signal } from '@preact/signals-core';

export function later(work) {
  const answer = signal(null);
  Promise.resolve().then(work).then((value) => { answer.value = value; }, () => { /* the page stands without it */ });
  return answer;
}
