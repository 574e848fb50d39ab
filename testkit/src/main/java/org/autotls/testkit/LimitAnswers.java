package org.autotls.testkit;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import org.autotls.testkit.CaAnswer.Sort;

/** Answers that ask for patience, with every form of Retry-After (RFC 9110 §10.2.3) and some that are none. Stateless. */
final class LimitAnswers {

    private LimitAnswers() {}

    static List<CaAnswer> all() {
        List<CaAnswer> all = new ArrayList<>();
        all.add(limit("503-retry-after-seconds", Fault.reply(503, "<html>", "Retry-After", "120")));
        all.add(limit("503-retry-after-date", Fault.reply(503, "", "Retry-After", "Wed, 01 Jan 2098 00:00:00 GMT")));
        all.add(limit("429-without-retry-after", Fault.reply(429, "slow down")));
        String[][] forms = {
            {"seconds", "60"},
            {"zero", "0"},
            {"negative", "-5"},
            {"million-million", "1000000000000"},
            {"30-digits", "9".repeat(30)},
            {"10000-digits", "9".repeat(10_000)},
            {"fraction", "1.5"},
            {"word", "soon"},
            {"empty", ""},
            {"past-date", "Thu, 01 Jan 1970 00:00:00 GMT"},
            {"distant-date", "Fri, 31 Dec 9999 23:59:59 GMT"},
            {"impossible-date", "Wed, 99 Foo 2026 77:88:99 GMT"},
            {"asctime", "Sun Nov  6 08:49:37 1994"},
            {"list", "5, 10"},
            {"exponent", "1e3"},
        };
        for (String[] form : forms) {
            all.add(limit("429-retry-after-" + form[0], Fault.reply(429, "slow down", "Retry-After", form[1])));
        }
        all.add(limit("429-retry-after-twice", (exchange, usual, closing) -> {
            exchange.getResponseHeaders().add("Retry-After", "7");
            exchange.getResponseHeaders().add("Retry-After", soon());
            Fault.reply(429, "slow down").answer(exchange, usual, closing);
        }));
        all.add(limit("429-wrong-date", (exchange, usual, closing) -> {
            exchange.getResponseHeaders().set("Date", "not a date");
            Fault.reply(429, "", "Retry-After", soon()).answer(exchange, usual, closing);
        }));
        return all;
    }

    private static String soon() {
        return DateTimeFormatter.RFC_1123_DATE_TIME.format(
                Instant.parse("2026-01-01T00:10:00Z").atOffset(ZoneOffset.UTC));
    }

    private static CaAnswer limit(String name, Fault fault) {
        return new CaAnswer(name, Sort.LIMIT, fault);
    }
}
