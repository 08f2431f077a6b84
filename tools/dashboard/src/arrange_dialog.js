/** The dialog that arranges a device for all dashboards of the room: name, group, pin, place. */

import { formatName } from "./format.js";
import { layout, withEntry, withPlace } from "./layout.js";

const byId = (id) => document.getElementById(id);
const dialog = byId("arrange-dialog");

export class ArrangeDialog {
  // The device of the open dialog.
  #device = null;

  /** `room`: arranged(), the devices as they are arranged; write(change), as a LayoutWriter has it. */
  constructor(room) {
    this.room = room;
    byId("arrange-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save();
    });
    byId("arrange-close").addEventListener("click", () => dialog.close());
  }

  open(device) {
    this.#device = device;
    const { name, group, isPinned, isHidden } = layout.of(device.name);
    const own = formatName(device.about.name ?? device.name);
    byId("arrange-title").textContent = `Arrange ${formatName(device.title)}`;
    byId("arrange-name").value = name ?? "";
    byId("arrange-name").placeholder = own;
    byId("arrange-group").value = group ?? "";
    byId("arrange-pinned").checked = isPinned;
    byId("arrange-hidden").checked = isHidden;
    byId("arrange-problem").textContent = "";
    byId("group-names").replaceChildren(...layout.groups.map((each) => new Option("", each)));
    const others = this.room.arranged().filter((each) => each !== device);
    byId("arrange-place").replaceChildren(
      new Option("as it is", ""),
      new Option("first", JSON.stringify(null)),
      ...others.map(
        (each) => new Option(`after ${formatName(each.title)}`, JSON.stringify(each.name)),
      ),
    );
    dialog.showModal();
  }

  async #save() {
    const { name } = this.#device;
    const entry = {
      name: byId("arrange-name").value,
      group: byId("arrange-group").value,
      isPinned: byId("arrange-pinned").checked,
      isHidden: byId("arrange-hidden").checked,
    };
    const place = byId("arrange-place").value;
    const sorted = this.room.arranged().map((each) => each.name);
    const save = byId("arrange-save");
    save.disabled = true;
    const problem = await this.room.write((content) => {
      const changed = withEntry(content, name, entry);
      return place ? withPlace(changed, name, JSON.parse(place), sorted) : changed;
    });
    save.disabled = false;
    byId("arrange-problem").textContent = problem ? `It was not kept: ${formatName(problem)}` : "";
    if (problem) return;
    dialog.close();
    if (place) this.room.showOwnOrder();
  }
}
