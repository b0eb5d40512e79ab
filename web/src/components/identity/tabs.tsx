import { Link } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';

interface TabsProps {
  label: string;
  current: string;
  tabs: readonly { id: string; label: string; to: string }[];
}

/** Links to the parts of a page, in a row that scrolls where it is narrow. */
export function Tabs({ label, current, tabs }: TabsProps) {
  const row = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each part that is opened shows its tab
  useEffect(() => {
    const tab = row.current?.querySelector('[aria-current]');
    tab?.scrollIntoView({ inline: 'nearest', block: 'nearest' });
  }, [current]);
  return (
    <nav
      ref={row}
      aria-label={label}
      className="flex shrink-0 gap-1 overflow-x-auto border-line border-b px-3"
    >
      {tabs.map(({ id, label: text, to }) => (
        <Link
          key={id}
          to={to}
          // Else the first of nested addresses would be the present one as well.
          activeOptions={{ exact: true }}
          aria-current={id === current ? 'page' : undefined}
          className="-mb-px flex h-10 shrink-0 items-center border-transparent border-b-2 px-2 text-ink-2 text-sm hover:text-ink aria-[current=page]:border-accent aria-[current=page]:text-ink touch:h-11"
        >
          {text}
        </Link>
      ))}
    </nav>
  );
}
