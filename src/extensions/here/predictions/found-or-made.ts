/** What a map holds under a name; made and put there if it is missing. */
export function foundOrMade<K, V>(map: Map<K, V>, name: K, make: () => V): V {
  let value = map.get(name);
  if (value === undefined) {
    value = make();
    map.set(name, value);
  }
  return value;
}
