// A code to photograph, drawn when it is first needed. Without the package that draws it there is none.
const DRAWER = '/web/node_modules/lean-qr/index.mjs';

// The code of a text as the address of a picture, dark on light with its quiet edge; null where it cannot be drawn.
export async function codeOf(text) {
  try {
    const { generate } = await import(DRAWER);
    return generate(text).toDataURL({ on: [0, 0, 0], off: [255, 255, 255], scale: 8 });
  } catch { return null; }
}
