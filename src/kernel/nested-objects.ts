/** Names of the lists that hold objects of their own: a Location's EVSEs, and their Connectors. */
export const nestedObjects: readonly string[] = ['evses', 'connectors'];
