import { describe, expect, test } from 'vitest';
import { createMarkdownParser } from '#ui/transcript/markdown-syntax.ts';

const parse = createMarkdownParser();

/** What is read of it: without the tags that were made. */
const read = (text: string) =>
  parse(text)
    .replaceAll(/<\/?(?:p|em|strong|del|code|br|li|ul)(?: [^>]*)?>/g, '')
    .replaceAll(/&#(\d+);/g, (_all, code: string) => String.fromCharCode(Number(code)))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
    .trim();

describe('what looks like a tag is text', () => {
  test.each([
    'It is a Map<string, Set<u64>> now',
    'Run `x` in /srv/<your-name>/app, then kubectl logs <pod>',
    'Array<i> and Option<b> and Vec<s>, all of it plain',
    'Wrap it in <UserCard name="a" /> or <x-panel>',
    'A <!-- note --> and a <?php echo 1 ?>',
    'if a < b && c > d',
    '<pre> is a tag & so is <code>',
  ])('%s', (text) => {
    expect(read(text)).toBe(text.replaceAll('`', ''));
    expect(parse(text)).not.toMatch(/<(?:i|b|s|strong|em|del)>/);
  });

  test('also where it fills the message, line by line', () => {
    const text = '<template>\n  <p v-if="a < b">{{ x }}</p>\n</template>\n<thinking>\nhm\n</thinking>';
    expect(read(text)).toBe(text);
    expect(parse(text)).toContain('<p class="plain-text">');
  });

  test('but for the few that agents mean', () => {
    expect(parse('Press <kbd>Ctrl</kbd><br>twice')).toContain('Press <kbd>Ctrl</kbd><br>twice');
    expect(parse('<details><summary>More</summary>\n\nWords\n\n</details>')).toContain(
      '<details><summary>More</summary>',
    );
    expect(parse('<kbd onclick="x">')).not.toContain('<kbd');
  });
});

describe('a backslash in a Windows path stays', () => {
  test.each([
    'Look at E:\\work\\.cache\\_build\\x and C:\\Users\\ada\\.config',
    '\\\\nas\\[share]\\#2\\file',
    'In ..\\_private\\x, .\\-y and ~\\.ssh',
    '%APPDATA%\\_app\\log.txt',
  ])('%s', (text) => {
    expect(read(text)).toBe(text);
  });

  test('and one that takes away the meaning of a mark does that', () => {
    expect(read('snake\\_case and 2 \\* 3')).toBe('snake_case and 2 * 3');
    expect(parse('**C:\\a\\_b**')).toContain('<strong>C:\\a\\_b</strong>');
  });
});

describe('emphasis', () => {
  test.each([
    ['**注意！**その後', '<strong>注意！</strong>その後'],
    ['これは**「重要」**です', 'これは<strong>「重要」</strong>です'],
    ['그는 **"네"**라고', '그는 <strong>&quot;네&quot;</strong>라고'],
    ['在*《书》*里', '在<em>《书》</em>里'],
    ['是~~旧的。~~新的', '是<del>旧的。</del>新的'],
    ['a **b** c', 'a <strong>b</strong> c'],
  ])('%s', (text, html) => {
    expect(parse(text)).toContain(html);
  });

  test.each(['It takes ~2~4 hours', '約~3千と~5千', 'from ~/a to ~/b'])('%s: one tilde strikes nothing out', (text) => {
    expect(read(text)).toBe(text);
    expect(parse(text)).not.toContain('<del>');
  });
});

test('a link that leads nowhere from here is told', () => {
  expect(parse('[a.ts](src/a.ts:7)')).toContain('a.ts <code>src/a.ts:7</code>');
  expect(parse('[x](javascript:alert(1))')).not.toContain('href');
  expect(parse('[x](http:p#1.x)')).not.toContain('href');
  expect(parse('[x](https://a.example/b)')).toContain('href="https://a.example/b"');
});
