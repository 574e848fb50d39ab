/** Tests of those parts of the testkit that no other test would find wanting. */
@NullMarked
package org.autotls.testkit;

import org.jspecify.annotations.NullMarked;
