/** Recognises the messages of the room that are for this page. */

export const isRecord = (value) =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const areNames = (list = []) => Array.isArray(list) && list.every((name) => typeof name === "string");

const shapes = {
  snapshot: (message) => Array.isArray(message.devices) && message.devices.every(isRecord),
  hello: (message) => typeof message.device === "string",
  reading: (message) => typeof message.device === "string" && isRecord(message.values),
  batch: (message) =>
    typeof message.device === "string" &&
    Array.isArray(message.readings) &&
    message.readings.every((each) => isRecord(each) && isRecord(each.values)),
  presence: ({ device, online, offline }) =>
    typeof device === "string" || (areNames(online) && areNames(offline)),
  result: (message) => typeof message.device === "string",
  storage: (message) => typeof message.storage === "string",
  layout: ({ version, layout }) => Number.isInteger(version) && isRecord(layout),
  error: () => true,
};

function parse(data) {
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}

/** The message if it is one of these and valid, else null. */
export function roomMessage(data) {
  if (typeof data !== "string") return null;
  const message = parse(data);
  if (!isRecord(message) || !Object.hasOwn(shapes, message.type)) return null;
  return shapes[message.type](message) ? message : null;
}
