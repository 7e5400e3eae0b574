// Leads to an address of the player's own from where nothing is clicked: as a link would, so that the frame follows it.
export function goTo(address) {
  const way = Object.assign(document.createElement('a'), { href: address });
  document.body.append(way);
  way.click();
  way.remove();
}
