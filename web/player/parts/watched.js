// A part of a page that is drawn again by itself when a signal it read has changed, without the page around it.
import { effect } from '@preact/signals-core';
import { nothing } from 'lit-html';
import { AsyncDirective, directive } from 'lit-html/async-directive.js';

class Watched extends AsyncDirective {
  render() { return nothing; }

  update(part, [draw]) {
    this.draw = draw;
    this.stop?.();
    let first, drawing = true;
    this.stop = effect(() => {
      const drawn = this.draw();
      if (drawing) first = drawn; else this.setValue(drawn);
    });
    drawing = false;
    return first;
  }

  disconnected() { this.stop?.(); }

  reconnected() { this.stop = effect(() => this.setValue(this.draw())); }
}

// `${watched(() => html`…${signal.value}…`)}`: what the function reads is nobody else's news.
export const watched = directive(Watched);
