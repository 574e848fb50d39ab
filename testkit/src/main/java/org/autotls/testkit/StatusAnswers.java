package org.autotls.testkit;

import java.util.ArrayList;
import java.util.List;
import org.autotls.testkit.CaAnswer.Sort;

/** Answers whose status is no success and whose body does not say why; redirects. Stateless. */
final class StatusAnswers {

    private static final String PAGE = "<html><title>\u001b[31mBad Gateway</title><body>sorry\r\n</body></html>";

    private StatusAnswers() {}

    static List<CaAnswer> all() {
        List<CaAnswer> all = new ArrayList<>();
        for (int status : new int[] {400, 401, 403, 404, 405, 408, 413, 418, 500, 501, 502, 503, 504, 599}) {
            all.add(error(status + "-html", Fault.reply(status, PAGE, "Content-Type", "text/html")));
        }
        for (int status : new int[] {400, 404, 500, 503}) {
            all.add(error(status + "-empty", Fault.reply(status, "")));
        }
        all.add(error("500-large-page", Fault.reply(500, "\u0000\u202e<".repeat(100_000))));
        all.add(error("304-not-modified", Fault.reply(304, "")));
        all.add(error("999-unheard-of", Fault.reply(999, PAGE)));
        for (int status : new int[] {301, 302, 303, 307, 308}) {
            all.add(error(status + "-elsewhere", redirect(status, "https://127.0.0.1:1/elsewhere")));
        }
        all.add(error("307-plain-http", redirect(307, "http://localhost/directory")));
        all.add(error("307-file", redirect(307, "file:///etc/passwd")));
        all.add(error("307-without-location", Fault.reply(307, "")));
        return all;
    }

    private static Fault redirect(int status, String location) {
        return Fault.reply(status, "", "Location", location);
    }

    private static CaAnswer error(String name, Fault fault) {
        return new CaAnswer(name, Sort.ERROR, fault);
    }
}
