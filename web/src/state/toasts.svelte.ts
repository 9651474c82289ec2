export interface Toast {
  id: number;
  text: string;
  action?: { label: string; run: () => void };
  bad?: boolean;
}

/** Short messages at the foot of the page; the last three stay for a while. */
class Toasts {
  list = $state.raw<Toast[]>([]);
  private next = 1;
  private readonly timers = new Map<number, ReturnType<typeof setTimeout>>();

  say(text: string, action?: Toast['action'], bad = false): void {
    const id = this.next++;
    this.list = [...this.list.slice(-2), { id, text, action, bad }];
    this.resume(id);
  }
  fail(text: string, again?: () => void): void {
    this.say(text, again && { label: 'Try again', run: again }, true);
  }
  /** While the pointer or the focus is on it, a toast does not go. */
  hold(id: number): void {
    clearTimeout(this.timers.get(id));
  }
  resume(id: number): void {
    clearTimeout(this.timers.get(id));
    this.timers.set(id, setTimeout(() => this.close(id), 7000));
  }
  close(id: number): void {
    clearTimeout(this.timers.get(id));
    this.timers.delete(id);
    this.list = this.list.filter((t) => t.id !== id);
  }
}

export const toasts = new Toasts();
