/**
 * QueryKnowledgeBase: the best passage of the tenant's own documents, else the first two sentences of the first
 * article of an encyclopedia, where the operator has named one.
 */
import { ENCYCLOPEDIA_SENTENCES, PASSAGE_CHARS_MAX, QUERY_CANDIDATES, QUERY_WORDS_MAX } from '#shared/limits';
import type { queryKnowledgeBase } from '#shared/tools/query-knowledge-base';
import { choose, meaningsUrl, readArticles, readMeanings, searchUrl } from './knowledge/encyclopedia.ts';
import { coverage, passageOf } from './knowledge/passage.ts';
import { firstSentences } from './knowledge/sentences.ts';
import { termsOf } from './knowledge/words.ts';
import type { EdgeToolContext, EdgeToolHandler, EdgeToolResult, Encyclopedia } from './tool.ts';

type Spec = typeof queryKnowledgeBase;
type Result = EdgeToolResult<Spec>;

/** A document without all the words must have this part of them: fewer, and it speaks of something else. */
const COVERAGE_MIN = 0.5;

export const queryKnowledgeBaseHandler: EdgeToolHandler<Spec> = async ({ query }, context) => {
  const terms = termsOf(query, QUERY_WORDS_MAX);
  const own = await ofDocuments(terms, context);
  if (own) return own;
  const article = context.encyclopedia && (await ofEncyclopedia(query, context.encyclopedia));
  return article ?? notFound(query, context);
};

async function ofDocuments(
  terms: readonly string[],
  { documents }: EdgeToolContext,
): Promise<Result | undefined> {
  const [exact] = await documents(terms, 'all', 1);
  const near = exact || terms.length < 2 ? [] : await documents(terms, 'any', QUERY_CANDIDATES);
  const best = exact ?? near.find(({ title, text }) => coverage(`${title}\n${text}`, terms) >= COVERAGE_MIN);
  if (!best) return undefined;
  return {
    title: best.title,
    ...(best.url === undefined ? {} : { url: best.url }),
    summary: passageOf(best.text, terms, PASSAGE_CHARS_MAX),
    source: 'documents',
    document_id: best.id,
  };
}

/** Undefined where it has no article. */
async function ofEncyclopedia(query: string, { url, open }: Encyclopedia): Promise<Result | undefined> {
  const reply = await open(searchUrl(url, query));
  if ('failed' in reply) return unreachable(reply.failed);
  const articles = readArticles(reply.bytes);
  if (!articles) return unreachable('It sent no reply of the MediaWiki API.');
  const choice = choose(articles);
  if (choice === 'none') return undefined;
  if ('ambiguous' in choice) return ambiguous(choice.ambiguous, { url, open });
  const { article, others } = choice;
  return {
    title: article.title,
    ...(article.url === undefined ? {} : { url: article.url }),
    summary: firstSentences(article.extract, ENCYCLOPEDIA_SENTENCES).slice(0, PASSAGE_CHARS_MAX),
    source: 'encyclopedia',
    ...(others.length > 0 ? { note: `the name may also mean: ${others.join(', ')}` } : {}),
  };
}

async function ambiguous(title: string, { url, open }: Encyclopedia): Promise<Result> {
  const reply = await open(meaningsUrl(url, title));
  const meanings = 'failed' in reply ? undefined : readMeanings(reply.bytes);
  const which = meanings && meanings.length > 0 ? `, such as ${meanings.join('; ')}` : '';
  return failure(
    'ambiguous',
    `${JSON.stringify(title)} may mean several things${which}. Ask for one of them.`,
  );
}

function notFound(query: string, { encyclopedia }: EdgeToolContext): Result {
  const where = encyclopedia ? 'no document and no article is' : 'no document is';
  const more = encyclopedia ? '' : ' Documents are stored by PUT /v1/knowledge/{id}.';
  return failure(
    'not_found',
    `${where} about ${JSON.stringify(query.slice(0, 100))}. Try the name alone or other words, or go on without it.${more}`,
  );
}

function unreachable(why: string): Result {
  return failure(
    'encyclopedia_unreachable',
    `The encyclopedia gave no answer. ${why} Try again, or go on without it.`,
  );
}

function failure(code: string, message: string): Result {
  return { error: { code, message } };
}
