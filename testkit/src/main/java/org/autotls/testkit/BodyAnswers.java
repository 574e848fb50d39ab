package org.autotls.testkit;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.autotls.testkit.CaAnswer.Sort;
import org.autotls.testkit.FakeCa.Reply;

/** Successes whose body is not what was asked for: pages, cut texts, JSON that wants to break its reader. Stateless. */
final class BodyAnswers {

    private BodyAnswers() {}

    static List<CaAnswer> all() {
        List<CaAnswer> all = new ArrayList<>();
        texts().forEach((name, body) ->
                all.add(garbage(name, Fault.reply(200, body, "Content-Type", "application/json"))));
        all.add(garbage("html", Fault.reply(200, "<html>hello", "Content-Type", "text/html")));
        all.add(garbage("204-no-content", Fault.reply(204, "")));
        all.add(garbage("utf-16", encoded("{\"status\":\"valid\"}", StandardCharsets.UTF_16)));
        all.add(garbage("not-utf-8", encoded("{\"status\":\"\u00ff\u00fe\u00c0\"", StandardCharsets.ISO_8859_1)));
        all.add(garbage("half-of-the-usual", Fault.rewrite(body -> body.substring(0, body.length() / 2))));
        all.add(garbage("the-usual-in-an-array", Fault.rewrite(body -> "[" + body + "]")));
        all.add(garbage("the-usual-twice", Fault.rewrite(body -> body.startsWith("{") ? body + body : "")));
        return all;
    }

    private static Map<String, String> texts() {
        Map<String, String> texts = new LinkedHashMap<>();
        texts.put("empty", "");
        texts.put("blanks", "  \r\n\t ");
        texts.put("words", "all is well");
        texts.put("null", "null");
        texts.put("empty-array", "[]");
        texts.put("true", "true");
        texts.put("number", "42");
        texts.put("text", "\"valid\"");
        texts.put("empty-object", "{}");
        texts.put("nul-bytes", "\u0000".repeat(100));
        texts.put("unfinished", "{\"status\":\"val");
        texts.put("single-quotes", "{'status':'valid'}");
        texts.put("comment", "/* fine */ {\"status\":\"valid\"}");
        texts.put("arrays-100000-deep", "{\"a\":" + "[".repeat(100_000));
        texts.put("objects-100000-deep", "{\"a\":".repeat(100_000));
        texts.put("100000-keys", "{" + keys(100_000) + "}");
        texts.put("1000000-keys", "{" + keys(1_000_000) + "}");
        texts.put("number-of-100000-digits", "{\"status\":" + "9".repeat(100_000) + "}");
        texts.put("number-1e999999999", "{\"status\":1e999999999}");
        texts.put("nan", "{\"status\":NaN}");
        texts.put("infinity", "{\"status\":-Infinity}");
        texts.put("duplicate-keys", "{\"status\":\"valid\",\"status\":\"pending\"}");
        texts.put("lone-surrogates", "{\"status\":\"\\ud800\",\"\\udfff\":1}");
        texts.put("escaped-nul", "{\"status\":\"\\u0000\"}");
        texts.put("long-text", "{\"status\":\"" + "\\u001b".repeat(150_000) + "\"}");
        texts.put("long-name", "{\"" + "n".repeat(500_000) + "\":1}");
        return texts;
    }

    private static String keys(int count) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < count; i++) {
            out.append(i == 0 ? "" : ",")
                    .append('"')
                    .append(Integer.toString(i, 36))
                    .append("\":0");
        }
        return out.toString();
    }

    private static Fault encoded(String text, Charset charset) {
        return (exchange, usual, closing) -> new Reply(200, Map.of(), text.getBytes(charset)).send(exchange);
    }

    private static CaAnswer garbage(String name, Fault fault) {
        return new CaAnswer("200-" + name, Sort.GARBAGE, fault);
    }
}
