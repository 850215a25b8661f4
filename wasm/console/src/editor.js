// The SQL editor: CodeMirror in a shadow root, whose styles are adopted sheets and so need no opening in the policy.
import { autocompletion, closeBrackets, closeBracketsKeymap, closeCompletion, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { SQLDialect, sql } from "@codemirror/lang-sql";
import { HighlightStyle, bracketMatching, syntaxHighlighting } from "@codemirror/language";
import { lintKeymap, setDiagnostics } from "@codemirror/lint";
import { Compartment, EditorState, Prec } from "@codemirror/state";
import { EditorView, drawSelection, keymap, lineNumbers, placeholder } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const dialect = SQLDialect.define({
  keywords:
    "all and any as asc between by case cast cross current_date current_timestamp date desc distinct else end escape except exists extract false first following for from full group having in inner intersect interval is join last left like limit natural not null nulls offset on or order ordinality outer over partition preceding range right row rows select then time timestamp true unbounded union unnest using values when where with",
  types: "array bigint boolean char date decimal double integer json real smallint time timestamp tinyint varbinary varchar",
  builtin:
    "abs approx_distinct approx_percentile arbitrary array_agg avg bool_and bool_or cardinality coalesce concat count count_if date_add date_diff date_format date_trunc dense_rank element_at from_iso8601_timestamp from_unixtime greatest hour if json_array_length json_extract json_extract_scalar lag lead least length lower max max_by min min_by minute nullif rank regexp_extract regexp_like regexp_replace replace round row_number split split_part starts_with strpos substr sum to_unixtime trim upper",
  doubleQuotedStrings: false,
});

const highlight = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword], color: "var(--key)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--text)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--number)" },
  { tag: [tags.comment], color: "var(--quiet)", fontStyle: "italic" },
  { tag: [tags.standard(tags.name), tags.typeName], color: "var(--accent)" },
]);

const theme = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--panel)", fontSize: "13.5px" },
  "&.cm-focused": { outline: "2px solid var(--accent)", outlineOffset: "-2px" },
  ".cm-scroller": { fontFamily: "var(--mono)", maxHeight: "30vh", overflow: "auto" },
  ".cm-content, .cm-gutter": { minHeight: "110px" },
  ".cm-content": { caretColor: "var(--ink)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": { backgroundColor: "var(--page)", color: "var(--quiet)", borderRight: "1px solid var(--line)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--chosen)" },
  ".cm-placeholder": { color: "var(--quiet)" },
  ".cm-tooltip": { backgroundColor: "var(--panel)", color: "var(--ink)", border: "1px solid var(--line)" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--chosen)", color: "var(--ink)" },
  // Its own underline is a picture from a data: address, which the policy forbids.
  ".cm-lintRange-error": { backgroundImage: "none", textDecoration: "underline wavy var(--error)", textUnderlineOffset: "3px" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--error)" },
});

const completions = new Compartment();

function language(table, columns) {
  const names = columns.map(({ name, type }) => ({ label: name, detail: type, type: "property" }));
  return sql({ dialect, schema: { [table]: names }, defaultTable: table, upperCaseKeywords: true });
}

export class Editor {
  #view;

  constructor(host, { run, cancel, change }) {
    const root = host.attachShadow({ mode: "open" });
    const parent = root.appendChild(document.createElement("div"));
    const keys = [
      { key: "Mod-Enter", run: (view) => (closeCompletion(view), run(), true) },
      // A list of completions has its own binding before this one.
      { key: "Escape", run: () => cancel() },
    ];
    this.#view = new EditorView({
      root,
      parent,
      state: EditorState.create({
        extensions: [
          lineNumbers(),
          history(),
          drawSelection(),
          bracketMatching(),
          closeBrackets(),
          autocompletion({ icons: false }),
          syntaxHighlighting(highlight),
          theme,
          placeholder("SELECT …"),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ "aria-label": "SQL", "aria-multiline": "true" }),
          EditorView.updateListener.of((update) => update.docChanged && change()),
          Prec.high(keymap.of(keys.slice(0, 1))),
          // Tab leaves the editor, as it does every field.
          keymap.of([...completionKeymap, ...closeBracketsKeymap, ...keys.slice(1), ...defaultKeymap, ...historyKeymap, ...lintKeymap]),
          completions.of(language("logs", [])),
        ],
      }),
    });
  }

  get text() {
    return this.#view.state.doc.toString();
  }

  set text(text) {
    this.#view.dispatch({ changes: { from: 0, to: this.#view.state.doc.length, insert: text }, selection: { anchor: text.length } });
  }

  /** What completion offers. */
  know(table, columns) {
    this.#view.dispatch({ effects: completions.reconfigure(language(table, columns)) });
  }

  insert(text) {
    this.#view.dispatch(this.#view.state.replaceSelection(text));
    this.focus();
  }

  focus() {
    this.#view.focus();
  }

  /** Marks where the server says that something is wrong; both count from 1, columns in characters. */
  mark({ line, column }, message) {
    const { doc } = this.#view.state;
    const at = doc.line(Math.min(Math.max(line, 1), doc.lines));
    const before = [...at.text].slice(0, column - 1).join("").length;
    const from = Math.min(at.from + before, at.to);
    const word = /^(\w+|'[^']*'?|"[^"]*"?|.)/u.exec(doc.sliceString(from, at.to))?.[0].length ?? 0;
    const diagnostic = { from: word ? from : Math.max(from - 1, at.from), to: from + word, severity: "error", message };
    this.#view.dispatch(setDiagnostics(this.#view.state, [diagnostic]));
    this.#view.dispatch({ selection: { anchor: from }, scrollIntoView: true });
  }

  unmark() {
    this.#view.dispatch(setDiagnostics(this.#view.state, []));
  }
}
