package org.autotls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SubjectTest {

    @Test
    void of_isASet() {
        assertThat(Subject.of("b.example", "A.example", "b.example")).isEqualTo(Subject.of("a.example", "b.example"));
        assertThat(Subject.of("b.example", "a.example").name()).isEqualTo("a.example,b.example");
    }

    @Test
    void parse_readsWhatNameWrites() {
        Subject subject = Subject.of("b.example", "*.a.example", "192.0.2.1", "::1");
        assertThat(Subject.parse(subject.name())).isEqualTo(subject);
    }

    @Test
    void parse_refusesAnEmptyPart() {
        assertThatThrownBy(() -> Subject.parse("a.example,")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void of_takesAtMost100() {
        String[] names =
                IntStream.range(0, 101).mapToObj(i -> "n" + i + ".example").toArray(String[]::new);
        assertThatThrownBy(() -> Subject.of(names)).hasMessageContaining("101");
    }

    @Test
    void alternate_hasANameOfItsOwnThatParseReads() {
        Subject primary = Subject.of("b.example", "2001:db8::1");
        Subject rsa = primary.alternate(KeyAlgorithm.RSA);
        assertThat(rsa.name()).isEqualTo("b.example,2001:db8::1:rsa");
        assertThat(Subject.parse(rsa.name())).isEqualTo(rsa).isNotEqualTo(primary);
        assertThat(Subject.parse("A.example:ECDSA").keyAlgorithm()).contains(KeyAlgorithm.ECDSA);
        assertThat(rsa.primary()).isEqualTo(primary);
        assertThat(rsa.identifiers()).isEqualTo(primary.identifiers());
        assertThat(primary.alternates()).extracting(Subject::name).allMatch(name -> name.endsWith("sa"));
        assertThat(rsa.alternates()).isEmpty();
        assertThatThrownBy(() -> Subject.parse("a.example:dsa")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Subject.parse(":rsa")).isInstanceOf(IllegalArgumentException.class);
    }
}
