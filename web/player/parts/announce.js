// Words for a screen reader alone: what a key has just done.
let place = null;

export function announce(words) {
  if (!place) {
    place = document.createElement('div');
    place.className = 'announced';
    place.setAttribute('role', 'status');
    place.setAttribute('aria-live', 'polite');
    document.body.append(place);
  }
  // The same words once more are news as well.
  place.textContent = place.textContent === words ? `${words} ` : words;
}
