/** One question of an agent, answered here. Looks and guards as on the phone. */
import { useEffect, useState } from 'preact/hooks';
import { agoWords } from '#lib/duration-words.ts';
import { StateShape } from '#phone/screens/icons.tsx';
import { DiffView } from '#phone/screens/transcript/diff-view.tsx';
import { foldOutput } from '#phone/transcript/output-fold.ts';
import type { PendingApproval, SessionView } from '#preload/contract.ts';
import { useApp } from '../app-context.ts';
import { CopyButton } from '../controls/copy-button.tsx';
import { CallWords } from '../controls/problem.tsx';
import { useCall } from '../use-call.ts';
import { useGuard } from '../use-guard.ts';

export function ApprovalCard({
  approval,
  session,
  onOpen,
}: {
  approval: PendingApproval;
  session: SessionView | undefined;
  onOpen: (session: string) => void;
}) {
  const { now, slices } = useApp();
  const caller = useCall();
  const [answered, setAnswered] = useState<string | null>(null);
  // A question that comes or goes above this one moves it: the click was meant for what stood here before.
  const isGuarded = useGuard(slices.sessions.value.approvals.map((one) => one.approval).join());
  const headingId = `approval-${approval.approval}`;
  const isLocked = isGuarded || caller.isBusy || answered !== null;
  useEffect(() => {
    if (caller.problem !== null) setAnswered(null);
  }, [caller.problem]);
  const groups = [
    { name: 'Allow', options: approval.options.filter(({ kind }) => kind.startsWith('allow')) },
    { name: 'Deny', options: approval.options.filter(({ kind }) => kind.startsWith('reject')) },
  ];
  return (
    <article class="approval approval-open" aria-labelledby={headingId}>
      <header class="approval-head">
        <StateShape state="waiting" />
        <div class="approval-title">
          <h3 id={headingId}>{approval.title}</h3>
          <p class="meta">
            {session && (
              <>
                <button type="button" class="link" title={session.title} onClick={() => onOpen(session.id)}>
                  {session.title}
                </button>
                {` · ${session.agentName} · `}
              </>
            )}
            asked {agoWords(approval.askedAt, now.value)}
          </p>
        </div>
      </header>
      {approval.tool && <ToolView tool={approval.tool} title={approval.title} />}
      <CallWords caller={caller} />
      <div class="answers">
        {groups.map(
          ({ name, options }) =>
            options.length > 0 && (
              <fieldset key={name} class="answer-group" aria-label={`${name}: ${approval.title}`}>
                {options.map((option) => (
                  <button
                    key={option.id}
                    type="button"
                    class={`button ${option.kind === 'allow_once' ? 'primary' : name === 'Deny' ? 'danger' : ''}`}
                    aria-disabled={isLocked}
                    onClick={() => {
                      if (isLocked) return;
                      void caller.run(
                        'approval.answer',
                        { session: approval.session, approval: approval.approval, option: option.id },
                        () => setAnswered(option.name),
                      );
                    }}
                  >
                    {option.name}
                  </button>
                ))}
              </fieldset>
            ),
        )}
      </div>
      {answered !== null && (
        <p class="approval-outcome" role="status">
          <strong>{answered}</strong> is on its way to the agent …
        </p>
      )}
    </article>
  );
}

function ToolView({ tool, title }: { tool: NonNullable<PendingApproval['tool']>; title: string }) {
  const input = tool.input !== undefined && !title.includes(tool.input) ? tool.input : null;
  const shown = new Set(tool.content.flatMap((content) => (content.kind === 'diff' ? [content.path] : [])));
  const paths = tool.paths.filter((path) => !shown.has(path));
  if (input === null && tool.content.length === 0 && paths.length === 0)
    return <p class="approval-what meta">The agent gave no details.</p>;
  return (
    <div class="approval-what stack">
      {input !== null && <Text text={input} label={tool.kind === 'execute' ? 'Command' : 'Input'} />}
      {tool.content.map((content, index) => {
        const key = `${content.kind}:${index}`;
        switch (content.kind) {
          case 'diff':
            return <DiffView key={key} path={content.path} before={content.before} after={content.after} />;
          case 'text':
            return content.text.trim() === '' ? null : <Text key={key} text={content.text} label="Text" />;
          case 'blob':
            return <Text key={key} text={content.head} label="Beginning of a long text" />;
        }
        return null;
      })}
      {tool.content.length === 0 &&
        paths.map((path) => (
          <p key={path} class="code plain-text">
            {path}
          </p>
        ))}
    </div>
  );
}

function Text({ text, label }: { text: string; label: string }) {
  const [isWhole, setIsWhole] = useState(false);
  const folded = foldOutput(text);
  return (
    <div class="output wrap">
      <div class="code-bar">
        <span>{label}</span>
        <CopyButton text={text} name={label} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <pre tabIndex={0}>{isWhole ? text : folded.text}</pre>
      {folded.allLines !== null && (
        <button type="button" class="show-all" aria-expanded={isWhole} onClick={() => setIsWhole(!isWhole)}>
          {isWhole ? 'Show less' : `Show all ${folded.allLines} lines`}
        </button>
      )}
    </div>
  );
}
