namespace testing;
