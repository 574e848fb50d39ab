package org.autotls.names;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import org.autotls.AutoTls;
import org.autotls.DomainNames;
import org.autotls.Subject;
import org.autotls.store.DirectoryStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StandardDomainNamesTest {

    private final DomainNames names = new StandardDomainNames();

    @Test
    void installed_isThis() {
        assertThat(DomainNames.installed()).isInstanceOf(StandardDomainNames.class);
    }

    @ParameterizedTest
    @CsvSource({
        "Bücher.example, xn--bcher-kva.example",
        "straße.example, xn--strae-oqa.example",
        "strasse.example, strasse.example",
        "*.例え.example, *.xn--r8jz45g.example",
        "пример.рф, xn--e1afmkfd.xn--p1ai",
        "'bücher.example,straße.example', 'xn--bcher-kva.example,xn--strae-oqa.example'",
        "bücher.example:rsa, xn--bcher-kva.example:rsa",
        "192.0.2.1, 192.0.2.1",
        "2001:db8::1, 2001:db8::1"
    })
    void subject_isInALabels(String text, String expected) {
        assertThat(names.subject(text)).isEqualTo(Subject.parse(expected));
    }

    /** A zero-width space, a digit sequence of two directions, a middle dot where none belongs, an empty label. */
    @ParameterizedTest
    @ValueSource(strings = {"a\u200b\u2025b.example", "א1٢.example", "a·b.example", "bü..example", "bü_x.example"})
    void toAscii_whatIsNoName_isRefusedNamingIt(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> names.subject(text))
                .withMessageContaining("is not a domain name");
    }

    @ParameterizedTest
    @CsvSource({
        "example.com, example.com",
        "a.b.example.com, example.com",
        "www.example.co.uk, example.co.uk",
        "co.uk, co.uk",
        "someone.github.io, someone.github.io",
        "www.someone.github.io, someone.github.io",
        "a.city.kawasaki.jp, city.kawasaki.jp",
        "a.b.c.kawasaki.jp, b.c.kawasaki.jp",
        "a.b.unlisted, b.unlisted",
        "localhost, localhost",
        "www.xn--e1afmkfd.xn--p1ai, xn--e1afmkfd.xn--p1ai",
        "a.b.xn--55qx5d.cn, b.xn--55qx5d.cn",
        "a.1.2, 1.2"
    })
    void registeredDomain_isOneLabelMoreThanThePublicSuffix(String name, String expected) {
        assertThat(names.registeredDomain(name)).contains(expected);
    }

    @Test
    void facade_takesNamesInAllAlphabets(@TempDir Path dir) {
        try (AutoTls autoTls = AutoTls.at(dir).local().names("bücher.example").start()) {
            assertThat(autoTls.whenCertsValid()).succeedsWithin(java.time.Duration.ofMinutes(1));
        }
        DirectoryStore store = DirectoryStore.openReadOnly(dir, org.autotls.Scheduler.system());
        assertThat(store.list()).containsOnlyKeys(Subject.of("xn--bcher-kva.example"));
    }
}
