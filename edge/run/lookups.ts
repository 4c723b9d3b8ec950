/** What inline tools may look at, made of the Worker's bindings: documents in D1, an encyclopedia by a backend. */
import { BackendFailure } from '#edge/backend/failure';
import { backendOf } from '#edge/backend/index';
import type { Settings } from '#edge/env';
import { searchDocuments } from '#edge/storage/knowledge';
import type { EdgeToolContext, Encyclopedia } from '#edge/tools/tool';
import { ENCYCLOPEDIA_REPLY_BYTES_MAX } from '#shared/limits';

/** `knowledge`: the tenant whose documents may be read; none where it is left out. */
export function lookupsOf(settings: Settings, knowledge: string | undefined): EdgeToolContext {
  const { DB, ENCYCLOPEDIA_URL: url } = settings;
  return {
    documents: async (stems, join, limit) =>
      knowledge === undefined ? [] : searchDocuments(DB, knowledge, stems, { join, limit }),
    ...(url === undefined ? {} : { encyclopedia: encyclopediaAt(settings, url) }),
  };
}

function encyclopediaAt(settings: Settings, url: string): Encyclopedia {
  const hosts = [new URL(url).hostname];
  const backend = backendOf(settings);
  return {
    url,
    open: async (target) => {
      try {
        const bytes = await backend.fetchUrl({
          url: target,
          hosts,
          media: 'json',
          bytes_max: ENCYCLOPEDIA_REPLY_BYTES_MAX,
        });
        return { bytes };
      } catch (error) {
        if (!(error instanceof BackendFailure)) throw error;
        return { failed: error.kind === 'refusal' ? error.message : 'No backend could ask it.' };
      }
    },
  };
}
