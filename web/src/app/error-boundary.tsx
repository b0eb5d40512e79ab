import { Component, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';

export function ErrorPage({ title, text }: { title: string; text: string }) {
  const { t } = useTranslation();
  return (
    <main className="flex h-full flex-1 flex-col items-center justify-center gap-3 p-8 text-center">
      <h1 className="font-serif text-2xl">{title}</h1>
      <p className="max-w-md text-ink-2">{text}</p>
      <div className="mt-3 flex gap-2">
        <Button onClick={() => window.location.reload()}>{t('error.reload')}</Button>
        <Button look="primary" onClick={() => window.location.assign('/')}>
          {t('conversations.new')}
        </Button>
      </div>
    </main>
  );
}

export function BrokenPage() {
  const { t } = useTranslation();
  return <ErrorPage title={t('error.pageTitle')} text={t('error.pageText')} />;
}

/** The last net: whatever breaks above the routes still leaves a way on. */
export class AppBoundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override componentDidCatch(error: unknown) {
    console.error('the page could not be drawn', error);
  }

  override render() {
    return this.state.failed ? <BrokenPage /> : this.props.children;
  }
}
