/** Undoes what returned it: a listener, a timer, a lock. Calling it twice is harmless. */
export type Disposer = () => void;
