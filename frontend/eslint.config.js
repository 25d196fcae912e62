import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

const MAP_LIBRARY = {
  group: ['maplibre-gl', 'maplibre-gl/*'],
  message: 'Only src/map knows the map library: ask it through src/map/MapView.svelte.',
};

export default ts.config(
  { ignores: ['node_modules', 'src/api/schema.d.ts'] },
  js.configs.recommended,
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  { languageOptions: { globals: { ...globals.browser } } },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig } },
  },
  {
    rules: {
      'no-restricted-imports': ['error', { patterns: [MAP_LIBRARY] }],
      // Text from outside reaches the page as text only.
      'svelte/no-at-html-tags': 'error',
      'no-restricted-properties': [
        'error',
        ...['innerHTML', 'outerHTML', 'insertAdjacentHTML', 'setHTML'].map((property) => ({
          property,
          message: 'Build elements, or set textContent: what others wrote is never markup.',
        })),
      ],
      'no-eval': 'error',
      'no-implied-eval': 'error',
      'no-console': 'error',
      eqeqeq: 'error',
      // The compiler knows the names there are, and short-lived dates and maps need no reactivity.
      'no-undef': 'off',
      'svelte/prefer-svelte-reactivity': 'off',
    },
  },
  { files: ['src/map/**'], rules: { 'no-restricted-imports': 'off' } },
  { files: ['*.config.*', 'tests/**'], languageOptions: { globals: { ...globals.node } } },
);
