// Asks the server, with the token that shows the request comes from this page.
export async function post(href, values) {
  const token = JSON.parse(document.body.getAttribute('hx-headers') ?? '{}')['X-CSRFToken'] ?? '';
  const answer = await fetch(href, {
    method: 'POST', headers: { 'Content-Type': 'application/json', 'X-CSRFToken': token, Accept: 'application/json' },
    body: JSON.stringify(values),
  });
  const said = answer.headers.get('Content-Type')?.includes('json') ? await answer.json() : {};
  return { ok: answer.ok, status: answer.status, said };
}

export function later(act, wait) {
  let timer;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => act(...given), wait);
  };
}
