// The fields of the panel: small builders of labelled controls. What is chosen or typed goes to `onChange` at once.
let count = 0;

export function node(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false) made.setAttribute(name, value === true ? '' : value);
  }
  made.append(...children.filter((child) => child !== undefined && child !== null));
  return made;
}

function field(name, label, control, hint) {
  count += 1;
  const id = `panel-field-${count}`;
  control.id = id;
  control.dataset.field = name;
  if (hint) control.setAttribute('aria-describedby', `${id}-hint`);
  return node('div', { class: 'field' }, node('label', { for: id }, label), control,
    hint ? node('p', { class: 'hint', id: `${id}-hint` }, hint) : null);
}

export function text({ name, label, value, onChange, hint, placeholder, long }) {
  const control = node(long ? 'textarea' : 'input', { class: 'form-control', rows: long ? 3 : undefined, placeholder, spellcheck: 'false' });
  control.value = value;
  control.addEventListener('input', () => onChange(control.value));
  return field(name, label, control, hint);
}

export function choice({ name, label, value, options, none, onChange, hint, unknown }) {
  const control = node('select', { class: 'form-select' });
  if (none !== undefined) control.append(node('option', { value: '' }, none));
  for (const one of options) control.append(node('option', { value: one.key }, one.label));
  if (value && !options.some((one) => one.key === value)) control.append(node('option', { value }, `${value} – ${unknown}`));
  control.value = value;
  control.addEventListener('change', () => onChange(control.value));
  return field(name, label, control, hint);
}

export function choices({ name, label, value, options, onChange, hint, unknown }) {
  const chosen = new Set(value.split(',').map((one) => one.trim()).filter(Boolean));
  const control = node('select', { class: 'form-select', multiple: true, size: 4 });
  const strange = [...chosen].filter((key) => !options.some((one) => one.key === key)).map((key) => ({ key, label: `${key} – ${unknown}` }));
  for (const one of [...strange, ...options]) control.append(node('option', { value: one.key, selected: chosen.has(one.key) }, one.label));
  control.addEventListener('change', () => onChange([...control.selectedOptions].map((one) => one.value).join(', ')));
  return field(name, label, control, hint);
}

export function tick({ name, label, value, onChange }) {
  const control = node('input', { class: 'form-check-input', type: 'checkbox' });
  control.checked = value;
  control.addEventListener('change', () => onChange(control.checked));
  count += 1;
  control.id = `panel-field-${count}`;
  control.dataset.field = name;
  return node('div', { class: 'form-check' }, control, node('label', { class: 'form-check-label', for: control.id }, label));
}

// One of the expressions in use, or another one, which the checker reads at once.
export function expression({ name, label, value, known, words, none, onChange, hint }) {
  const options = known.map((one) => ({ key: one, label: one }));
  const other = '\u0000';
  const typed = value && !known.includes(value);
  const box = node('div', { class: 'expression' });
  const own = text({ name: `${name}-own`, label: words.feel, value: typed ? value : '', long: true, hint: words.feel_hint, onChange });
  own.hidden = !typed;
  box.append(choice({
    name, label, value: typed ? other : value, none, hint, unknown: words.unknown,
    options: [...options, { key: other, label: words.other_expression }],
    onChange: (chosen) => {
      own.hidden = chosen !== other;
      if (chosen === other) own.querySelector('textarea').focus();
      else onChange(chosen);
    },
  }), own);
  return box;
}

const SIMPLE = /^(\w+)\s*(!=|>=|<=|=|>|<)\s*("[^"]*"|true|false|null|-?\d+)$/;
const OPERATORS = ['=', '!=', '>', '>=', '<', '<='];
const plain = (literal) => literal.replace(/^"|"$/g, '');
export const literal = (said) => (/^(true|false|null|-?\d+)$/.test(said) ? said : `"${said.replaceAll('"', '')}"`);

// A condition in three choices: variable, comparison, value; any other FEEL is kept and edited as text.
export function condition({ value, variables, known, words, onChange }) {
  const found = SIMPLE.exec(value);
  if (value && !found) {
    return expression({ name: 'condition', label: words.condition, value, known, words, none: words.no_condition, onChange, hint: words.condition_hint });
  }
  const said = { variable: found?.[1] ?? '', operator: found?.[2] ?? '=', value: found ? plain(found[3]) : '' };
  const tell = () => onChange(said.variable && said.value ? `${said.variable} ${said.operator} ${literal(said.value)}` : '');
  const values = () => (variables.find((one) => one.key === said.variable)?.values ?? []);
  const box = node('div', { class: 'condition' });
  const draw = () => {
    box.replaceChildren(
      choice({ name: 'condition-variable', label: words.condition, value: said.variable, options: variables, none: words.no_condition,
        unknown: words.unknown, onChange: (chosen) => { said.variable = chosen; said.value = ''; draw(); tell(); box.querySelector('[data-field=condition-variable]').focus(); } }),
    );
    if (!said.variable) return;
    box.append(
      choice({ name: 'condition-operator', label: words.comparison, value: said.operator, options: OPERATORS.map((one) => ({ key: one, label: one })),
        unknown: words.unknown, onChange: (chosen) => { said.operator = chosen; tell(); } }),
      valueField({ name: 'condition-value', label: words.value, value: said.value, values: values(), words, onChange: (chosen) => { said.value = chosen; tell(); } }),
    );
  };
  draw();
  return box;
}

// A value out of those the variable is known to take; where none is known, a field to type it.
export function valueField({ name, label, value, values, words, onChange }) {
  if (!values.length) return text({ name, label, value, onChange, hint: words.value_hint });
  const options = values.map((one) => (typeof one === 'string' ? { key: one, label: one } : one));
  return choice({ name, label, value, options, none: words.no_value, unknown: words.unknown, onChange });
}
