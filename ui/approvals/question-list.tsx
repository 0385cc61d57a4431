/** Questions one below the other, under one guard: a card that has just come or moved takes no tap that was meant for another. */

import { useGuard } from '../controls/use-guard.ts';
import type { HostClient } from '../host-client.ts';
import { ApprovalCard, type ApprovalOrigin } from './approval-card.tsx';
import type { ApprovalItem } from './approval-list.ts';

export interface AskedQuestion {
  readonly host: HostClient;
  readonly item: ApprovalItem;
  readonly origin?: ApprovalOrigin;
}

export function QuestionList({ questions }: { questions: readonly AskedQuestion[] }) {
  // An answer folds its card, which moves those below it; so do a question that comes and one that goes.
  const isGuarded = useGuard(
    questions.map(({ host, item }) => `${host.hostId}:${item.approval.approval}:${item.state.kind}`).join(),
  );
  const leftOut = [...new Set(questions.map(({ host }) => host))]
    .map((host) => host.state.value?.approvalsLeftOut ?? 0)
    .reduce((sum, count) => sum + count, 0);
  return (
    <>
      {questions.map(({ host, item, origin }) => (
        <ApprovalCard
          key={`${host.hostId}:${item.approval.approval}`}
          host={host}
          item={item}
          origin={origin}
          isGuarded={isGuarded}
        />
      ))}
      {leftOut > 0 && (
        <p class="answers-hint">
          {leftOut === 1 ? '1 more question follows' : `${leftOut} more questions follow`} as these are answered.
        </p>
      )}
    </>
  );
}
