/** How far something has come: three steps as a shape, and the word for it. */
import type { OutboxState } from '../host-client.ts';
import { commandReceiptWords, type ReceiptWords, receiptWords } from '../words/receipt-words.ts';
import { Icon, type IconName } from './icons.tsx';

export function ReceiptMark({ state, isCommand = false }: { state: OutboxState; isCommand?: boolean }) {
  const words = isCommand ? commandReceiptWords(state) : receiptWords(state);
  return (
    <span class={`receipt receipt-${words.tone}`}>
      <Icon name={state === 'left' ? 'envelope' : receiptIcon(words)} size={15} />
      <span>{words.word}</span>
    </span>
  );
}

function receiptIcon({ tone, steps }: ReceiptWords): IconName {
  if (tone === 'bad') return 'warning';
  if (steps === 0) return 'clock';
  if (steps === 1) return 'arrow';
  return steps === 2 ? 'check' : 'check-double';
}
