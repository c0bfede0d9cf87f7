// A stand-in for the vendor's checkout script: `new Razorpay(options).open()` shows the emulator's pay page in a frame,
// or leaves for it with `redirect: true`, and reports how it ended in the vendor's words.
(function () {
  "use strict";

  const home = new URL("../", document.currentScript.src);

  class Razorpay {
    constructor(options) {
      if (!options || !options.key) throw new Error("No key passed");
      if (!options.order_id) throw new Error("No order_id passed");
      this.options = options;
      this.listeners = new Map();
      this.dialog = null;
      this.hear = this.hear.bind(this);
    }

    on(event, listener) {
      this.listeners.set(event, [...(this.listeners.get(event) ?? []), listener]);
      return this;
    }

    emit(event, response) {
      for (const listener of this.listeners.get(event) ?? []) listener(response);
    }

    open() {
      const { key, order_id, callback_url, redirect, recurring } = this.options;
      if (redirect && callback_url) {
        const fields = { key_id: key, order_id, callback_url };
        if (recurring) fields.recurring = "1";
        submit(new URL("v1/checkout/embedded", home), fields);
        return this;
      }
      const page = new URL(`pay/order/${encodeURIComponent(order_id)}`, home);
      page.searchParams.set("key", key);
      if (recurring) page.searchParams.set("recurring", "1");
      page.searchParams.set("origin", window.location.origin);
      this.show(page);
      return this;
    }

    show(page) {
      const dialog = document.createElement("dialog");
      dialog.setAttribute("aria-label", this.options.name ? `Pay ${this.options.name}` : "Payment");
      Object.assign(dialog.style, { width: "min(28rem, 100vw)", height: "min(40rem, 100vh)", padding: "0", border: "0" });
      const close = document.createElement("button");
      close.type = "button";
      close.textContent = "×";
      close.setAttribute("aria-label", "Close payment");
      Object.assign(close.style, { position: "absolute", right: "0", top: "0", width: "3rem", height: "3rem" });
      close.addEventListener("click", () => this.dismiss());
      const frame = document.createElement("iframe");
      frame.title = "Payment";
      frame.src = page.href;
      Object.assign(frame.style, { width: "100%", height: "100%", border: "0" });
      dialog.append(close, frame);
      dialog.addEventListener("cancel", (event) => {
        event.preventDefault();
        if (this.options.modal?.escape !== false) this.dismiss();
      });
      document.body.append(dialog);
      dialog.showModal();
      window.addEventListener("message", this.hear);
      this.dialog = dialog;
      this.frame = frame;
    }

    hear(event) {
      if (event.origin !== home.origin || event.source !== this.frame?.contentWindow) return;
      const { type, response } = event.data ?? {};
      if (type === "dismiss") this.dismiss();
      if (type === "failed") this.emit("payment.failed", response);
      if (type === "success") this.succeed(response);
    }

    succeed(response) {
      const { handler, callback_url } = this.options;
      this.close();
      this.emit("payment.success", response);
      if (typeof handler === "function") handler(response);
      else if (callback_url) submit(callback_url, response);
    }

    dismiss() {
      if (!this.dialog) return;
      this.close();
      this.options.modal?.ondismiss?.();
    }

    close() {
      window.removeEventListener("message", this.hear);
      this.dialog?.remove();
      this.dialog = null;
      this.frame = null;
    }
  }

  function submit(url, fields) {
    const form = document.createElement("form");
    form.method = "post";
    form.action = url;
    for (const [name, value] of Object.entries(fields)) {
      const input = document.createElement("input");
      Object.assign(input, { type: "hidden", name, value });
      form.append(input);
    }
    document.body.append(form);
    form.submit();
  }

  window.Razorpay = Razorpay;
})();
