/** Whether a person has been shown all of a question: only then it may be allowed, and the answer says what was shown. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { consentDigest, consentText, type Question } from '#protocol/consent.ts';

export interface Consent {
  /** For the element behind which nothing more is asked. */
  readonly endRef: { current: HTMLDivElement | null };
  /** Of the question as it is drawn; null until it is known. */
  readonly digest: string | null;
  /** The end has been on the screen, with everything before it. */
  readonly isSeen: boolean;
}

/** `isWhole`: everything is drawn, nothing is still to be loaded. A question that changes has to be seen again. */
export function useConsent(question: Question, isWhole: boolean): Consent {
  const text = useMemo(() => consentText(question), [question]);
  const latest = useRef(question);
  latest.current = question;
  const endRef = useRef<HTMLDivElement>(null);
  const [proof, setProof] = useState<{ text: string; digest: string } | null>(null);
  const [seen, setSeen] = useState<string | null>(null);

  useEffect(() => {
    let isOver = false;
    consentDigest(latest.current).then(
      (digest) => !isOver && setProof({ text, digest }),
      // Without it there is no Allow.
      (error: unknown) => console.warn('Baton: a question could not be hashed:', error),
    );
    return () => {
      isOver = true;
    };
  }, [text]);

  useEffect(() => {
    const end = endRef.current;
    if (!end || !isWhole) return;
    const observer = new IntersectionObserver((entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) setSeen(text);
    });
    observer.observe(end);
    return () => observer.disconnect();
  }, [text, isWhole]);

  return { endRef, digest: proof?.text === text ? proof.digest : null, isSeen: isWhole && seen === text };
}
