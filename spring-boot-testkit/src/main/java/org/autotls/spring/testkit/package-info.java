/** What both lines of Spring Boot must do with the starter, for the tests of both. Not published. */
@NullMarked
package org.autotls.spring.testkit;

import org.jspecify.annotations.NullMarked;
