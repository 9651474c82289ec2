/** How searches are looked at, from one to the next. */
class View {
  /** Whether the panel of filters stands beside the wall. */
  panel = $state(false);
  /** The search that was reported last: filters and orders make no new one. */
  noted = '';
}

export const view = new View();
