package org.autotls.testkit;

import com.sun.net.httpserver.Headers;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.autotls.testkit.CaAnswer.Sort;
import org.autotls.testkit.FakeCa.Reply;

/** The usual answer under other headers: media types, nonces, Location, Link. Stateless. */
final class HeaderAnswers {

    private HeaderAnswers() {}

    static List<CaAnswer> all() {
        List<CaAnswer> all = new ArrayList<>();
        all.add(harmless("no-content-type", headers -> headers.remove("Content-Type")));
        all.add(harmless("content-type-html", headers -> headers.set("Content-Type", "text/html; charset=utf-7")));
        all.add(harmless("content-type-garbage", headers -> headers.set("Content-Type", ";;=/;" + "x".repeat(5000))));
        all.add(harmless("many-cookies", headers -> {
            for (int i = 0; i < 100; i++) {
                headers.add("Set-Cookie", "c" + i + "=" + "v".repeat(100));
            }
        }));
        all.add(harmless("no-nonce-but-from-new-nonce", headers -> {
            if (headers.containsKey("Content-Type")) {
                headers.remove("Replay-Nonce");
            }
        }));
        all.add(harmless("link-garbage", headers -> headers.add("Link", "<<<>>>;rel=;;\"" + "<".repeat(5000))));
        all.add(harmless("fifty-links", headers -> {
            for (int i = 0; i < 50; i++) {
                headers.add("Link", "<https://elsewhere.example/" + i + ">;rel=\"alternate\"");
            }
        }));
        all.add(harmless("date-garbage", headers -> headers.set("Date", "yesterday")));
        nonces(all);
        locations(all);
        return all;
    }

    private static void nonces(List<CaAnswer> all) {
        String[][] bad = {
            {"never-given", "AAAAAAAAAAAAAAAA"},
            {"of-10-kilobytes", "A".repeat(10_000)},
            {"with-odd-characters", "a b\t\"{}%0d%0a"},
            {"empty", ""},
        };
        for (String[] one : bad) {
            all.add(untrue("nonce-" + one[0], headers -> headers.set("Replay-Nonce", one[1])));
        }
        all.add(untrue("no-nonce", headers -> headers.remove("Replay-Nonce")));
        all.add(untrue("two-nonces", headers -> headers.add("Replay-Nonce", "BBBBBBBBBBBBBBBB")));
    }

    private static void locations(List<CaAnswer> all) {
        for (String[] url : UntrueAnswers.BAD_URLS) {
            all.add(untrue("location-" + url[0], headers -> headers.set("Location", url[1])));
        }
        all.add(untrue("no-location", headers -> headers.remove("Location")));
        all.add(untrue("location-relative", headers -> headers.set("Location", "/order/1")));
    }

    private static CaAnswer harmless(String name, Consumer<Headers> change) {
        return new CaAnswer(name, Sort.HARMLESS, with(change));
    }

    private static CaAnswer untrue(String name, Consumer<Headers> change) {
        return new CaAnswer(name, Sort.UNTRUE, with(change));
    }

    private static Fault with(Consumer<Headers> change) {
        return (exchange, usual, closing) -> {
            Reply reply = usual.reply();
            Headers headers = exchange.getResponseHeaders();
            reply.headers().forEach(headers::set);
            change.accept(headers);
            new Reply(reply.status(), java.util.Map.of(), reply.body()).send(exchange);
        };
    }
}
