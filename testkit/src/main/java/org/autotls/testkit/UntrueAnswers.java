package org.autotls.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.autotls.testkit.CaAnswer.Sort;

/**
 * The usual answer with members that are untrue, missing or of another type: jumps of status, URLs elsewhere, other
 * identifiers, odd challenges. Where the usual answer has no such member, nothing is changed. Stateless.
 */
final class UntrueAnswers {

    /** Names and URLs that no client may follow. */
    static final String[][] BAD_URLS = {
        {"plain-http", "http://localhost/x"},
        {"file", "file:///etc/passwd"},
        {"metadata-service", "https://169.254.169.254/latest/meta-data"},
        {"other-host", "https://elsewhere.invalid/x"},
        {"other-port", "https://localhost:1/x"},
        {"user-info", "https://user:secret@localhost/x"},
        {"line-break", "https://localhost/%0d%0aX: y"},
        {"odd-direction", "https://localhost/\u202egpj.x"},
        {"no-url", "::::"},
        {"empty", ""},
        {"of-100-kilobytes", "https://localhost/" + "x".repeat(100_000)},
    };

    private static final String[] STATUSES = {
        "pending", "ready", "processing", "valid", "invalid", "deactivated", "expired", "revoked", "unheard-of"
    };

    private static final String URL = "\"https://localhost:[^\"]*\"";

    private UntrueAnswers() {}

    static List<CaAnswer> all() {
        List<CaAnswer> all = new ArrayList<>();
        for (String status : STATUSES) {
            all.add(untrue("status-" + status, body -> status(body, "\"" + status + "\"")));
        }
        all.add(untrue("status-null", body -> status(body, "null")));
        all.add(untrue("status-number", body -> status(body, "1e400")));
        all.add(untrue("status-long", body -> status(body, "\"" + "\\u001b".repeat(10_000) + "\"")));
        for (String[] url : BAD_URLS) {
            all.add(untrue("urls-" + url[0], body -> body.replaceAll(URL, "\"" + json(url[1]) + "\"")));
        }
        for (String member : List.of(
                "newNonce",
                "newAccount",
                "newOrder",
                "authorizations",
                "finalize",
                "certificate",
                "identifiers",
                "identifier",
                "challenges",
                "token",
                "type",
                "url",
                "value",
                "contact")) {
            all.add(untrue("no-" + member, body -> body.replace("\"" + member + "\":", "\"not-" + member + "\":")));
        }
        members(all);
        certificates(all);
        return all;
    }

    private static void members(List<CaAnswer> all) {
        all.add(untrue("authorizations-empty", body -> list(body, "authorizations", "")));
        all.add(untrue("authorizations-null", body -> list(body, "authorizations", "null,null,7,{}")));
        all.add(untrue(
                "authorizations-twice", body -> body.replaceAll("(\"authorizations\":\\[)([^\\]]*)\\]", "$1$2,$2]")));
        all.add(untrue(
                "authorizations-5000",
                body -> list(body, "authorizations", "\"https://localhost/1\",".repeat(5000) + "\"\"")));
        all.add(untrue("challenges-empty", body -> body.replaceAll("\"challenges\":\\[.*\\]", "\"challenges\":[]")));
        all.add(untrue(
                "challenges-odd", body -> body.replaceAll("\"challenges\":\\[.*\\]", "\"challenges\":[null,1,{}]")));
        all.add(untrue("other-name", body -> body.replace("a.example", "evil.example")));
        all.add(untrue("bad-name", body -> body.replace("\"a.example\"", "\"a..\\u001b example\"")));
        all.add(untrue("upper-case-name", body -> body.replace("a.example", "A.EXAMPLE")));
        String[][] tokens = {
            {"empty", ""},
            {"with-path", "../../etc/passwd"},
            {"with-blank", "a b"},
            {"with-line-break", "\\r\\nX: y"},
            {"of-100-kilobytes", "t".repeat(100_000)},
            {"with-odd-direction", "\\u202e"},
        };
        for (String[] token : tokens) {
            all.add(untrue("token-" + token[0], body -> token(body, token[1])));
        }
        all.add(untrue(
                "names-of-wrong-types", body -> body.replaceAll("\"(url|value|type|token)\":\"[^\"]*\"", "\"$1\":[]")));
    }

    private static void certificates(List<CaAnswer> all) {
        all.add(untrue(
                "leaf-missing", body -> body.replaceFirst("(?s)-----BEGIN.*?-----END CERTIFICATE-----\\s*", "")));
        all.add(untrue("pem-twice", body -> body.startsWith("---") ? body + body : body));
        all.add(untrue("pem-100-times", body -> body.startsWith("---") ? body.repeat(100) : body));
        all.add(untrue("pem-not-base64", body -> body.replaceAll("(?m)^M[A-Za-z0-9+/=]+$", "!!!!")));
        all.add(untrue("pem-another-type", body -> body.replace("CERTIFICATE", "PRIVATE KEY")));
        all.add(untrue("pem-unfinished", body -> body.replace("-----END", "-----")));
    }

    private static String status(String body, String value) {
        return replace(body, "\"status\":\"[^\"]*\"", "\"status\":" + value);
    }

    private static String token(String body, String value) {
        return replace(body, "\"token\":\"[^\"]*\"", "\"token\":\"" + value + "\"");
    }

    private static String list(String body, String member, String elements) {
        return replace(body, "\"" + member + "\":\\[[^\\]]*\\]", "\"" + member + "\":[" + elements + "]");
    }

    private static String replace(String body, String pattern, String by) {
        return body.replaceAll(pattern, java.util.regex.Matcher.quoteReplacement(by));
    }

    private static String json(String text) {
        return text.replace("\\", "\\\\").replace("\"", "\\\"");
    }

    private static CaAnswer untrue(String name, UnaryOperator<String> change) {
        return new CaAnswer(name, Sort.UNTRUE, Fault.rewrite(change));
    }
}
